import { useState } from 'react';
import type { Webhook } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useAction } from '../../api/use-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { isWithin, NumberField } from '../../components/fields/number-field.tsx';
import { Secret } from '../../components/secret.tsx';
import { useOrganization } from '../../organization/organization.tsx';

/** The service accepts up to a week. */
const overlapRange = { from: 0, to: 168 };

export const RotateSecret = ({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const [form, setForm] = useState({ overlapHours: '24', idempotencyKey: crypto.randomUUID() as string });
  const [secret, setSecret] = useState<string>();
  const rotate = useAction({
    run: () =>
      client.rotateWebhookSecret({
        organizationId,
        webhookId: webhook.id,
        overlapHours: Number(form.overlapHours),
        idempotencyKey: form.idempotencyKey,
      }),
    done: () => undefined,
    invalidates: [['webhooks', organizationId]],
    inDialog: true,
    onSuccess: (rotated) => setSecret(rotated.secret),
  });
  if (secret !== undefined)
    return <Secret header="The new signing secret" name="signing secret" text={secret} onClose={onClose} />;
  return (
    <ActionDialog
      header="Give the webhook a new secret?"
      confirm="Rotate"
      action={rotate}
      disabled={!isWithin(form.overlapHours, overlapRange)}
      onDismiss={onClose}
    >
      <div>
        Deliveries to {webhook.url} are signed with both the new secret and the one before for a while, so that the
        receiver can change over without missing any.
      </div>
      <NumberField
        label="Hours for which the former secret still signs"
        description="0 if it leaked: it then stops at once."
        value={form.overlapHours}
        // Repeating an unchanged form returns the same secret, also after a lost answer.
        onChange={(overlapHours) => setForm({ overlapHours, idempotencyKey: crypto.randomUUID() })}
        range={overlapRange}
        tried
      />
    </ActionDialog>
  );
};
