import type { ApiKey } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useBulkAction } from '../../api/use-bulk-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { useOrganization } from '../../organization/organization.tsx';

export const RevokeApiKeys = ({ keys, onClose }: { keys: readonly ApiKey[]; onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const revoke = useBulkAction({
    items: keys,
    nameOf: ({ name, id }) => `${name} (${id})`,
    run: ({ id }) => client.revokeApiKey({ organizationId, keyId: id }),
    done: () => `${pluralize(keys.length, 'API key')} revoked.`,
    invalidates: [['api-keys', organizationId]],
    onSuccess: onClose,
  });
  return (
    <ActionDialog
      header={`Revoke ${pluralize(revoke.left.length, 'API key')}?`}
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
        {revoke.left.map(({ id, name }) => (
          <li key={id}>{name}</li>
        ))}
      </ul>
    </ActionDialog>
  );
};
