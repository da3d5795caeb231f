import type { Webhook } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useEach } from '../../api/use-bulk-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { counted } from '../../components/pluralize.ts';
import { useOrganization } from '../../organization/organization.tsx';

export const RemoveWebhooks = ({ webhooks, onClose }: { webhooks: readonly Webhook[]; onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const remove = useEach({
    items: webhooks,
    nameOf: ({ url, id }) => `${url} (${id})`,
    run: ({ id }) => client.removeWebhook({ organizationId, webhookId: id }),
    done: () => `${counted(webhooks.length, 'webhook')} removed.`,
    changes: [['webhooks', organizationId]],
    afterwards: onClose,
  });
  return (
    <ActionDialog
      header={`Remove ${counted(remove.left.length, 'webhook')}?`}
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
