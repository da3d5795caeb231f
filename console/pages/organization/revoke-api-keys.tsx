import type { ApiKey } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { BulkDialog } from '../../components/dialogs/bulk-dialog.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { useOrganization } from '../../organization/organization.tsx';

export const RevokeApiKeys = ({ keys, onClose }: { keys: readonly ApiKey[]; onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  return (
    <BulkDialog
      items={keys}
      header={(count) => `Revoke ${pluralize(count, 'API key')}?`}
      confirm="Revoke"
      nameOf={({ name, id }) => `${name} (${id})`}
      line={({ name }) => name}
      run={({ id }) => client.revokeApiKey({ organizationId, keyId: id })}
      done={`${pluralize(keys.length, 'API key')} revoked.`}
      invalidates={[['api-keys', organizationId]]}
      onClose={onClose}
    >
      <div>
        Within 30 seconds the key stops working. A minute later the sessions that it keeps alive end, and can’t take
        their licenses back: move the runners to a new key first. This can’t be undone.
      </div>
    </BulkDialog>
  );
};
