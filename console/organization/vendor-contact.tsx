import Link from '@cloudscape-design/components/link';
import { createContext, useContext } from 'react';
import { Breakable } from '../components/breakable.tsx';

/** How customers reach the vendor: an address or a URL; undefined if the vendor has not set it. */
export const VendorContactContext = createContext<string | undefined>(undefined);

const hrefOf = (contact: string): string | undefined => {
  if (/^https?:\/\//.test(contact)) return contact;
  return /^[^\s@]+@[^\s@]+$/.test(contact) ? `mailto:${contact}` : undefined;
};

const ContactLink = ({ contact }: { contact: string }) => {
  const href = hrefOf(contact);
  if (href === undefined) return contact;
  return (
    <Link href={href} variant="primary" fontSize="inherit">
      <Breakable>{contact}</Breakable>
    </Link>
  );
};

/** The vendor by its contact, if it is known, for the sentence “ask …”. */
export const VendorName = () => {
  const contact = useContext(VendorContactContext);
  if (contact === undefined) return 'your vendor';
  return (
    <>
      your vendor (<ContactLink contact={contact} />)
    </>
  );
};

/** Says on one short line how to renew a subscription. */
export const HowToRenew = () => {
  const contact = useContext(VendorContactContext);
  if (contact === undefined) return 'To renew it, ask your vendor.';
  return (
    <>
      To renew: <ContactLink contact={contact} />
    </>
  );
};
