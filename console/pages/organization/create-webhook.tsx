import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import { useState } from 'react';
import type { EventPattern } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useAction } from '../../api/use-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { Secret } from '../../components/secret.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { auditActions } from './audit-sentence.ts';

const options = [{ value: '*', label: 'All events' }, ...auditActions.map((value) => ({ value, label: value }))];

export const CreateWebhook = ({ onClose }: { onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const [form, setForm] = useState({
    url: 'https://',
    events: ['*'] as EventPattern[],
    idempotencyKey: crypto.randomUUID() as string,
  });
  // Repeating an unchanged form returns the same webhook, also after a lost answer.
  const change = (part: Partial<typeof form>) => setForm({ ...form, ...part, idempotencyKey: crypto.randomUUID() });
  const [secret, setSecret] = useState<string>();
  const create = useAction({
    run: () => client.createWebhook({ organizationId, ...form }),
    done: () => undefined,
    invalidates: [['webhooks', organizationId]],
    inDialog: true,
    onSuccess: (created) => setSecret(created.secret),
  });
  if (secret !== undefined)
    return <Secret header="The webhook was created" name="signing secret" text={secret} onClose={onClose} />;
  return (
    <ActionDialog
      header="Create a webhook"
      confirm="Create"
      action={create}
      disabled={!URL.canParse(form.url) || form.events.length === 0}
      onDismiss={onClose}
    >
      <FormField label="Address" description="An https URL on a public host.">
        <Input type="url" value={form.url} onChange={({ detail }) => change({ url: detail.value.trim() })} />
      </FormField>
      <FormField label="Events">
        <Multiselect
          selectedOptions={options.filter(({ value }) => (form.events as string[]).includes(value))}
          options={options}
          filteringType="auto"
          filteringAriaLabel="Find events"
          placeholder="Choose events"
          onChange={({ detail }) =>
            change({ events: detail.selectedOptions.map(({ value }) => value as EventPattern) })
          }
        />
      </FormField>
    </ActionDialog>
  );
};
