import Link from '@cloudscape-design/components/link';
import { createContext, useContext } from 'react';

/** How customers reach the vendor: an address or a URL; undefined if the vendor has not set it. */
export const VendorContactContext = createContext<string | undefined>(undefined);

const hrefOf = (contact: string): string | undefined => {
  if (/^https?:\/\//.test(contact)) return contact;
  return /^[^\s@]+@[^\s@]+$/.test(contact) ? `mailto:${contact}` : undefined;
};

/** The vendor by its contact, if it is known, for the sentence “ask …”. */
export const VendorName = () => {
  const contact = useContext(VendorContactContext);
  if (contact === undefined) return 'your vendor';
  const href = hrefOf(contact);
  return (
    <>
      your vendor (
      {href === undefined ? (
        contact
      ) : (
        <Link href={href} variant="primary" fontSize="inherit">
          {contact}
        </Link>
      )}
      )
    </>
  );
};
