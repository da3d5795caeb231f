import type { LicensedUser } from '../../../client/index.ts';
import { ActionDialog } from '../../parts/action-dialog.tsx';
import { counted } from '../../parts/counted.ts';
import { useClient } from '../../service/client.tsx';
import { forEach } from '../../service/for-each.ts';
import { useAction } from '../../service/use-action.ts';
import { changesOf, named, useProduct } from './use-product.ts';

export const RevokeLicenses = ({ users, onClose }: { users: readonly LicensedUser[]; onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  const revoke = useAction({
    run: () => forEach(users, ({ userId }) => client.removeLicense({ ...named(product), userId })),
    done: () => `${counted(users.length, 'license')} revoked: free to be assigned again.`,
    changes: changesOf(product),
    inDialog: true,
    afterwards: onClose,
  });
  return (
    <ActionDialog
      header={`Revoke ${counted(users.length, 'license')}?`}
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
        {users.map(({ userId, email, online }) => (
          <li key={userId}>
            {email}
            {online && ', online now'}
          </li>
        ))}
      </ul>
    </ActionDialog>
  );
};
