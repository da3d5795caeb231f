import type { LicensedUser } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { BulkDialog } from '../../../components/dialogs/bulk-dialog.tsx';
import { pluralize } from '../../../components/pluralize.ts';
import { affectedBy, productRef, useProduct } from '../use-product.ts';

export const RevokeLicenses = ({ users, onClose }: { users: readonly LicensedUser[]; onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  return (
    <BulkDialog
      items={users}
      header={(count) => `Revoke ${pluralize(count, 'license')}?`}
      confirm="Revoke"
      nameOf={({ email }) => email}
      line={({ email, online }) => `${email}${online ? ', online now' : ''}`}
      run={({ userId }) => client.removeLicense({ ...productRef(product), userId })}
      done={`${pluralize(users.length, 'license')} revoked: free to be assigned again.`}
      invalidates={affectedBy(product)}
      onClose={onClose}
    >
      <div>
        What they run on it ends at once, and their machines leave the registered machines. The licenses can be assigned
        again right away. Offline licenses that they use stay until they expire.
      </div>
    </BulkDialog>
  );
};
