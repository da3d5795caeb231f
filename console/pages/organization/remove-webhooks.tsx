import type { Webhook } from '../../../client/index.ts';
import { useOrganization } from '../../organization/organization.tsx';
import { ActionDialog } from '../../parts/action-dialog.tsx';
import { counted } from '../../parts/counted.ts';
import { useClient } from '../../service/client.tsx';
import { forEach } from '../../service/for-each.ts';
import { useAction } from '../../service/use-action.ts';

export const RemoveWebhooks = ({ webhooks, onClose }: { webhooks: readonly Webhook[]; onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const remove = useAction({
    run: () => forEach(webhooks, ({ id }) => client.removeWebhook({ organizationId, webhookId: id })),
    done: () => `${counted(webhooks.length, 'webhook')} removed.`,
    changes: [['webhooks', organizationId]],
    inDialog: true,
    afterwards: onClose,
  });
  return (
    <ActionDialog
      header={`Remove ${counted(webhooks.length, 'webhook')}?`}
      confirm="Remove"
      action={remove}
      onConfirm={() => remove.run()}
      onDismiss={onClose}
    >
      <div>Nothing more is sent to it, also not what is on its way. This can’t be undone.</div>
      <ul>
        {webhooks.map(({ id, url }) => (
          <li key={id}>{url}</li>
        ))}
      </ul>
    </ActionDialog>
  );
};
