import { useState } from 'react';
import type { Role } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { Copyable } from '../../components/copyable.tsx';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { ResultDialog } from '../../components/dialogs/result-dialog.tsx';
import { invalidEmails } from '../../components/fields/emails.ts';
import { EmailsField } from '../../components/fields/emails-field.tsx';
import { useEmailBatch } from '../../components/fields/use-email-batch.ts';
import { pluralize } from '../../components/pluralize.ts';
import { Status } from '../../components/status.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { RoleSelect } from './role-select.tsx';

/** Counts the outcomes: `2 invited, 1 a member already`. */
const summaryOf = (outcomes: readonly { outcome: string }[]): string => {
  const invited = outcomes.filter(({ outcome }) => outcome === 'invited').length;
  const rest = outcomes.length - invited;
  return `${invited} invited${rest > 0 ? `, ${pluralize(rest, 'a member already', 'members already')}` : ''}`;
};

export const Invite = ({ onClose }: { onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const [role, setRole] = useState<Role>('user');
  const invite = useEmailBatch({
    ask: (emails) => client.invite({ organizationId, emails, role }),
    invalidates: [['invitations', organizationId]],
    onClose,
  });
  if (invite.outcomes)
    return (
      <ResultDialog header={summaryOf(invite.outcomes)} onClose={onClose} secret>
        <div>The links are shown only once. Each is valid for its address only, and is also mailed to it.</div>
        {invite.outcomes.map((outcome) => (
          <div key={outcome.email}>
            <Status type={outcome.outcome === 'invited' ? 'success' : 'info'}>
              {outcome.email} {outcome.outcome === 'invited' ? 'is invited' : 'is a member already'}
            </Status>
            {outcome.outcome === 'invited' && (
              <div>
                <Copyable
                  text={`${location.origin}/invitations/${outcome.invitation.token}`}
                  name={`invitation of ${outcome.email}`}
                />
              </div>
            )}
          </div>
        ))}
      </ResultDialog>
    );
  return (
    <ActionDialog
      header="Invite people"
      confirm="Invite"
      action={invite.action}
      disabled={invite.emails.length === 0 || invalidEmails(invite.emails).length > 0}
      onDismiss={invite.onDismiss}
      hasChoices={invite.text.trim() !== ''}
    >
      <EmailsField
        value={invite.text}
        onChange={invite.setText}
        completed={invite.completed}
        description="A person invited again gets a new link; the old link is no longer valid."
      />
      <RoleSelect value={role} onChange={setRole} />
    </ActionDialog>
  );
};
