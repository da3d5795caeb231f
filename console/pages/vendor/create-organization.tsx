import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useClient } from '../../api/client.tsx';
import { useAction } from '../../api/use-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { invalidEmails } from '../../components/fields/emails.ts';
import { organizationPath } from '../../shell/paths.ts';

const LONGEST_NAME = 100;

export const CreateOrganization = ({ onClose }: { onClose: () => void }) => {
  const client = useClient();
  const [, navigate] = useLocation();
  const [form, setForm] = useState({ name: '', ownerEmail: '', idempotencyKey: crypto.randomUUID() as string });
  const { name, ownerEmail } = form;
  // Repeating an unchanged form returns the same organization, also after a lost answer.
  const change = (part: Partial<typeof form>) => setForm({ ...form, ...part, idempotencyKey: crypto.randomUUID() });
  const create = useAction({
    run: () => client.createOrganization({ ...form, name: name.trim() }),
    done: (organization) => `${organization.name} was created. Its owner is the person who signs in as ${ownerEmail}.`,
    invalidates: [['organizations']],
    inDialog: true,
    onSuccess: ({ id }) => {
      onClose();
      navigate(organizationPath(id, 'products'));
    },
  });
  const tooLong = name.trim().length > LONGEST_NAME;
  const wrongEmail = invalidEmails([ownerEmail]).length > 0;
  return (
    <ActionDialog
      header="Create an organization"
      confirm="Create"
      action={create}
      disabled={name.trim() === '' || tooLong || wrongEmail}
      onDismiss={onClose}
    >
      <FormField
        label="Name"
        description="Of the customer, as its members know it."
        errorText={tooLong ? `At most ${LONGEST_NAME} characters.` : undefined}
      >
        <Input value={name} onChange={({ detail }) => change({ name: detail.value })} />
      </FormField>
      <FormField
        label="Owner’s email"
        description="The person who first signs in with this verified address becomes the owner, and invites the others."
        errorText={ownerEmail !== '' && wrongEmail ? 'Not an email address.' : undefined}
      >
        <Input
          type="email"
          value={ownerEmail}
          onChange={({ detail }) => change({ ownerEmail: detail.value.trim() })}
          spellcheck={false}
        />
      </FormField>
    </ActionDialog>
  );
};
