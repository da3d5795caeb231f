import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import type { Webhook } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useAction } from '../../api/use-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { useOrganization } from '../../organization/organization.tsx';

/** Confirms a webhook whose target does not answer its challenge. */
export const ConfirmWebhook = ({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const [challenge, setChallenge] = useState('');
  const confirm = useAction({
    run: () => client.confirmWebhook({ organizationId, webhookId: webhook.id, challenge }),
    done: () => `${webhook.url} gets events from now on.`,
    invalidates: [['webhooks', organizationId]],
    inDialog: true,
    onSuccess: onClose,
  });
  return (
    <ActionDialog
      header="Confirm the webhook?"
      confirm="Confirm"
      action={confirm}
      disabled={challenge === ''}
      onDismiss={onClose}
    >
      <div>
        A challenge was posted to {webhook.url}. A target that answers it confirms its webhook itself; if yours only
        takes messages, look up the challenge there. To post it again, select it among the deliveries.
      </div>
      <FormField label="Challenge" description="The text after “challenge” in the message.">
        <Input value={challenge} onChange={({ detail }) => setChallenge(detail.value.trim())} />
      </FormField>
    </ActionDialog>
  );
};
