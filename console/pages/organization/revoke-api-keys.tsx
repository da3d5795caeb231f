import type { ApiKey } from '../../../client/index.ts';
import { useOrganization } from '../../organization/organization.tsx';
import { ActionDialog } from '../../parts/action-dialog.tsx';
import { counted } from '../../parts/counted.ts';
import { useClient } from '../../service/client.tsx';
import { forEach } from '../../service/for-each.ts';
import { useAction } from '../../service/use-action.ts';

export const RevokeApiKeys = ({ keys, onClose }: { keys: readonly ApiKey[]; onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const revoke = useAction({
    run: () => forEach(keys, ({ id }) => client.revokeApiKey({ organizationId, keyId: id })),
    done: () => `${counted(keys.length, 'API key')} revoked.`,
    changes: [['api-keys', organizationId]],
    inDialog: true,
    afterwards: onClose,
  });
  return (
    <ActionDialog
      header={`Revoke ${counted(keys.length, 'API key')}?`}
      confirm="Revoke"
      action={revoke}
      onConfirm={() => revoke.run()}
      onDismiss={onClose}
    >
      <div>
        Within 30 seconds nothing can sign in with it. What runs with it gets no more heartbeats, and its license is
        free when its lease ends. This can’t be undone.
      </div>
      <ul>
        {keys.map(({ id, name }) => (
          <li key={id}>{name}</li>
        ))}
      </ul>
    </ActionDialog>
  );
};
