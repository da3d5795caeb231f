import type { Webhook } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { BulkDialog } from '../../components/dialogs/bulk-dialog.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { useOrganization } from '../../organization/organization.tsx';

export const RemoveWebhooks = ({ webhooks, onClose }: { webhooks: readonly Webhook[]; onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  return (
    <BulkDialog
      items={webhooks}
      header={(count) => `Remove ${pluralize(count, 'webhook')}?`}
      confirm="Remove"
      nameOf={({ url, id }) => `${url} (${id})`}
      line={({ url }) => url}
      run={({ id }) => client.removeWebhook({ organizationId, webhookId: id })}
      done={`${pluralize(webhooks.length, 'webhook')} removed.`}
      invalidates={[['webhooks', organizationId]]}
      onClose={onClose}
    >
      <div>The service sends nothing more, not even pending deliveries. This can’t be undone.</div>
    </BulkDialog>
  );
};
