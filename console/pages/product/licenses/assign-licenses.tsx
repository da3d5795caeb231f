import type { StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { Grant } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { ActionDialog } from '../../../components/dialogs/action-dialog.tsx';
import { ResultDialog } from '../../../components/dialogs/result-dialog.tsx';
import { invalidEmails } from '../../../components/fields/emails.ts';
import { EmailsField } from '../../../components/fields/emails-field.tsx';
import { useEmailBatch } from '../../../components/fields/use-email-batch.ts';
import { pluralize } from '../../../components/pluralize.ts';
import { Status } from '../../../components/status.tsx';
import { MemberPicker } from '../../../organization/member-picker.tsx';
import { affectedBy, productRef, useProduct } from '../use-product.ts';
import { useLicensedUsers } from './use-licensed-users.ts';

/** The outcome for an email, and what to do about it. */
const outcomes: Record<Grant['outcome'], { type: StatusIndicatorProps.Type; text: string }> = {
  granted: { type: 'success', text: 'has a license now' },
  'already-licensed': { type: 'info', text: 'had a license already' },
  'not-a-member': { type: 'error', text: 'is no member: invite them, then assign again' },
  'license-quota-exceeded': { type: 'error', text: 'got none, all are taken: revoke one, or ask your vendor for more' },
  'too-many-requests': { type: 'warning', text: 'was not processed in time: assign again' },
};

export const AssignLicenses = ({ onClose }: { onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  const licensed = useLicensedUsers({ loadAll: true });
  const assign = useEmailBatch({
    ask: (emails) => client.grantLicenses({ ...productRef(product), emails }),
    invalidates: affectedBy(product),
    onClose,
  });
  if (assign.outcomes) return <Outcomes grants={assign.outcomes} onClose={onClose} />;
  return (
    <ActionDialog
      header="Assign licenses"
      confirm="Assign"
      action={assign.action}
      disabled={assign.emails.length === 0 || invalidEmails(assign.emails).length > 0}
      onDismiss={assign.onDismiss}
      hasChoices={assign.text.trim() !== ''}
    >
      <EmailsField
        value={assign.text}
        onChange={assign.setText}
        completed={assign.completed}
        description={`Of members. ${pluralize(product.available, 'license')} ${product.available === 1 ? 'is' : 'are'} available: the first members get ${product.available === 1 ? 'it' : 'them'}.`}
      />
      <MemberPicker
        emails={assign.emails}
        onChange={(emails) => assign.setText(emails.join('\n'))}
        disabled={new Set(licensed.items.map(({ userId }) => userId))}
        disabledReason="Has a license"
      />
    </ActionDialog>
  );
};

/** Counts the outcomes: `2 assigned, 1 failed`. */
const summaryOf = (grants: readonly Grant[]): string => {
  const count = (...wanted: Grant['outcome'][]) => grants.filter(({ outcome }) => wanted.includes(outcome)).length;
  const [assigned, before] = [count('granted'), count('already-licensed')];
  const failed = grants.length - assigned - before;
  return [
    `${assigned} assigned`,
    ...(before > 0 ? [`${before} licensed already`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(', ');
};

const Outcomes = ({ grants, onClose }: { grants: readonly Grant[]; onClose: () => void }) => (
  <ResultDialog header={summaryOf(grants)} onClose={onClose}>
    {grants.map(({ email, outcome }) => (
      <div key={email}>
        <Status type={outcomes[outcome].type}>
          {email} {outcomes[outcome].text}
        </Status>
      </div>
    ))}
  </ResultDialog>
);
