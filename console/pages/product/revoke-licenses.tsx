import type { LicensedUser } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useBulkAction } from '../../api/use-bulk-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { affectedBy, productRef, useProduct } from './use-product.ts';

export const RevokeLicenses = ({ users, onClose }: { users: readonly LicensedUser[]; onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  const revoke = useBulkAction({
    items: users,
    nameOf: ({ email }) => email,
    run: ({ userId }) => client.removeLicense({ ...productRef(product), userId }),
    done: () => `${pluralize(users.length, 'license')} revoked: free to be assigned again.`,
    invalidates: affectedBy(product),
    onSuccess: onClose,
  });
  return (
    <ActionDialog
      header={`Revoke ${pluralize(revoke.left.length, 'license')}?`}
      confirm="Revoke"
      action={revoke}
      onConfirm={() => revoke.run()}
      onDismiss={onClose}
    >
      <div>
        What they run on it ends at once, and their machines leave the registered machines. The licenses can be assigned
        again right away. Offline licenses that they use stay until they expire.
      </div>
      <ul>
        {revoke.left.map(({ userId, email, online }) => (
          <li key={userId}>
            {email}
            {online && ', online now'}
          </li>
        ))}
      </ul>
    </ActionDialog>
  );
};
