import type { Webhook } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { BulkDialog } from '../../components/dialogs/bulk-dialog.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { useOrganization } from '../../organization/organization.tsx';

interface RemoveWebhooksProps {
  webhooks: readonly Webhook[];
  /** Called before a webhook is removed: its deliveries go with it, so that a page must not ask for them any more. */
  onRemove: (webhook: Webhook) => void;
  onClose: () => void;
}

export const RemoveWebhooks = ({ webhooks, onRemove, onClose }: RemoveWebhooksProps) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  return (
    <BulkDialog
      items={webhooks}
      header={(count) => `Remove ${pluralize(count, 'webhook')}?`}
      confirm="Remove"
      nameOf={({ url, id }) => `${url} (${id})`}
      line={({ url }) => url}
      run={(webhook) => {
        onRemove(webhook);
        return client.removeWebhook({ organizationId, webhookId: webhook.id });
      }}
      done={`${pluralize(webhooks.length, 'webhook')} removed.`}
      invalidates={[['webhooks', organizationId]]}
      onClose={onClose}
    >
      <div>The service sends nothing more, not even pending deliveries. This can’t be undone.</div>
    </BulkDialog>
  );
};
