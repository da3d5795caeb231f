import Alert from '@cloudscape-design/components/alert';
import { useOrganization } from '../../organization/organization.tsx';
import { isVendor } from '../../organization/roles.ts';
import { VendorName } from '../../organization/vendor-contact.tsx';
import { useProduct } from './use-product.ts';

/** Says why a subscription can't be used, and whom to ask. */
export const StatusAlert = () => {
  const { role } = useOrganization();
  const { status } = useProduct();
  if (status === 'active') return null;
  const expired = status === 'expired';
  return (
    <Alert
      type={expired ? 'error' : 'warning'}
      header={expired ? 'The subscription has expired' : 'The subscription is suspended'}
    >
      Nobody can activate a license.{' '}
      {isVendor(role) ? (
        `${expired ? 'Renew' : 'Resume'} it under Terms.`
      ) : (
        <>
          Ask <VendorName /> {expired ? 'to renew it: a renewal takes effect at once' : 'why'}.
        </>
      )}
    </Alert>
  );
};
