import type { Webhook } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useBulkAction } from '../../api/use-bulk-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { useOrganization } from '../../organization/organization.tsx';

export const RemoveWebhooks = ({ webhooks, onClose }: { webhooks: readonly Webhook[]; onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const remove = useBulkAction({
    items: webhooks,
    nameOf: ({ url, id }) => `${url} (${id})`,
    run: ({ id }) => client.removeWebhook({ organizationId, webhookId: id }),
    done: () => `${pluralize(webhooks.length, 'webhook')} removed.`,
    invalidates: [['webhooks', organizationId]],
    onSuccess: onClose,
  });
  return (
    <ActionDialog
      header={`Remove ${pluralize(remove.left.length, 'webhook')}?`}
      confirm="Remove"
      action={remove}
      onConfirm={() => remove.run()}
      onDismiss={onClose}
    >
      <div>Nothing more is sent to it, also not what is on its way. This can’t be undone.</div>
      <ul>
        {remove.left.map(({ id, url }) => (
          <li key={id}>{url}</li>
        ))}
      </ul>
    </ActionDialog>
  );
};
