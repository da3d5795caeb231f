import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import { useState } from 'react';
import type { KeyScope } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useAction } from '../../api/use-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { DateField } from '../../components/fields/date-field.tsx';
import { Secret } from '../../components/secret.tsx';
import { DAY } from '../../components/time/format-time.ts';
import { endOf } from '../../components/time/local-day.ts';
import { MemberSelect } from '../../organization/member-select.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { managesLicenses, managesMember } from '../../organization/roles.ts';
import { useMembers } from '../../organization/use-members.ts';
import { RunnerSettings } from './runner-settings.tsx';

export const CreateApiKey = ({ onClose }: { onClose: () => void }) => {
  const { id: organizationId, role } = useOrganization();
  const client = useClient();
  const { items: members } = useMembers();
  const [form, setForm] = useState({
    name: '',
    scope: 'activate' as KeyScope,
    lastDay: '',
    maxSessions: '',
    userId: undefined as string | undefined,
    idempotencyKey: crypto.randomUUID() as string,
  });
  // Repeating an unchanged form returns the same key, also after a lost answer.
  const change = (part: Partial<typeof form>) => setForm({ ...form, ...part, idempotencyKey: crypto.randomUUID() });
  const [opened] = useState(Date.now);
  const [key, setKey] = useState<string>();
  const create = useAction({
    run: () => {
      const { name, lastDay, maxSessions, ...key } = form;
      const expiresAt = lastDay === '' ? null : new Date(endOf(lastDay)).toISOString();
      return client.createApiKey({
        organizationId,
        ...key,
        name: name.trim(),
        maxSessions: maxSessions === '' ? null : Number(maxSessions),
        expiresAt,
      });
    },
    done: () => undefined,
    invalidates: [['api-keys', organizationId]],
    inDialog: true,
    onSuccess: (created) => setKey(created.key),
  });
  if (key !== undefined)
    return (
      <Secret header="The API key was created" name="API key" text={key} onClose={onClose}>
        <RunnerSettings organizationId={organizationId} apiKey={key} />
      </Secret>
    );
  return (
    <ActionDialog
      header="Create an API key"
      confirm="Create"
      action={create}
      disabled={
        form.name.trim() === '' ||
        (form.lastDay !== '' && !(endOf(form.lastDay) > opened)) ||
        !isMaximum(form.maxSessions)
      }
      onDismiss={onClose}
    >
      <FormField label="Name" description="Its purpose, for example GitHub Actions.">
        <Input value={form.name} onChange={({ detail }) => change({ name: detail.value })} />
      </FormField>
      <FormField label="What it may do">
        <RadioGroup
          value={form.scope}
          onChange={({ detail }) => change({ scope: detail.value as KeyScope })}
          items={[
            { value: 'activate', label: 'Use licenses', description: 'What a runner needs, and no more.' },
            { value: 'full', label: 'All that its member may', description: 'For scripts that manage licenses.' },
          ]}
        />
      </FormField>
      <FormField
        label="Last day - optional"
        description="The key is valid until the end of that day in your time zone; without a day, until it is revoked."
        constraintText="YYYY/MM/DD"
      >
        <DateField
          value={form.lastDay}
          onChange={({ detail }) => change({ lastDay: detail.value })}
          isDateEnabled={(date) => date.getTime() > opened - DAY}
          openCalendarAriaLabel={(day) => (day ? `Choose a day, ${day} is chosen` : 'Choose a day')}
        />
      </FormField>
      {managesLicenses(role) && (
        <FormField
          label="Sessions at once - optional"
          description="The most sessions of the key for one product. Without a number only the quota limits them."
          constraintText="1 to 100,000"
          errorText={isMaximum(form.maxSessions) ? undefined : 'Enter a whole number from 1 to 100,000.'}
        >
          <Input
            value={form.maxSessions}
            onChange={({ detail }) => change({ maxSessions: detail.value })}
            inputMode="numeric"
          />
        </FormField>
      )}
      {managesLicenses(role) && (
        <MemberSelect
          label="Acts as"
          value={form.userId}
          onChange={(userId) => change({ userId })}
          except={new Set(members.filter(({ role: of }) => !managesMember(role, of)).map(({ userId }) => userId))}
          noneLabel="Yourself"
        />
      )}
    </ActionDialog>
  );
};

/** Returns whether a text is a valid maximum for a key, or empty. */
const isMaximum = (text: string) =>
  text === '' || (/^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= 100_000);
