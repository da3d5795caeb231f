import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { Operations, Role } from '../../../client/index.ts';
import { useOrganization } from '../../organization/organization.tsx';
import { ActionDialog } from '../../parts/action-dialog.tsx';
import { AnswerDialog } from '../../parts/answer-dialog.tsx';
import { Copyable } from '../../parts/copyable.tsx';
import { emailsIn, misspelled } from '../../parts/emails.ts';
import { EmailsField } from '../../parts/emails-field.tsx';
import { useClient } from '../../service/client.tsx';
import { useAction } from '../../service/use-action.ts';
import { RoleSelect } from './role-select.tsx';

type Outcome = Operations['invite']['output']['items'][number];

export const Invite = ({ onClose }: { onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const [text, setText] = useState('');
  const [role, setRole] = useState<Role>('user');
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>();
  const emails = emailsIn(text);
  const invite = useAction({
    run: () => client.invite({ organizationId, emails, role }),
    done: () => undefined,
    changes: [['invitations', organizationId]],
    inDialog: true,
    afterwards: ({ items }) => setOutcomes(items),
  });
  if (outcomes)
    return (
      <AnswerDialog header="What became of each" onClose={onClose}>
        <div>The links are shown this once. Each is good for its address alone, and is mailed to it, too.</div>
        {outcomes.map((outcome) => (
          <div key={outcome.email}>
            <StatusIndicator type={outcome.outcome === 'invited' ? 'success' : 'info'}>
              {outcome.email} {outcome.outcome === 'invited' ? 'is invited' : 'is a member already'}
            </StatusIndicator>
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
      </AnswerDialog>
    );
  return (
    <ActionDialog
      header="Invite people"
      confirm="Invite"
      action={invite}
      disabled={emails.length === 0 || misspelled(emails).length > 0}
      onConfirm={() => invite.run()}
      onDismiss={onClose}
    >
      <EmailsField
        value={text}
        onChange={setText}
        description="Whoever is invited again gets a new link; the one before is good no longer."
      />
      <RoleSelect value={role} onChange={setRole} />
    </ActionDialog>
  );
};
