import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { Grant } from '../../../client/index.ts';
import { ActionDialog } from '../../parts/action-dialog.tsx';
import { AnswerDialog } from '../../parts/answer-dialog.tsx';
import { emailsIn, misspelled } from '../../parts/emails.ts';
import { EmailsField } from '../../parts/emails-field.tsx';
import { useClient } from '../../service/client.tsx';
import { useAction } from '../../service/use-action.ts';
import { changesOf, named, useProduct } from './use-product.ts';

/** As many as one request takes. */
const AT_ONCE = 50;

/** What became of an email, and what to do about it. */
const outcomes: Record<Grant['outcome'], { type: StatusIndicatorProps.Type; text: string }> = {
  granted: { type: 'success', text: 'has a license now' },
  'already-licensed': { type: 'info', text: 'had a license already' },
  'not-a-member': { type: 'error', text: 'is no member: invite them, then assign again' },
  'license-quota-exceeded': { type: 'error', text: 'got none, all are taken: revoke one, or ask your vendor for more' },
  'too-many-requests': { type: 'warning', text: 'was not served in time: assign again' },
};

export const AssignLicenses = ({ onClose }: { onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  const [text, setText] = useState('');
  const [grants, setGrants] = useState<readonly Grant[]>();
  const emails = emailsIn(text);
  const assign = useAction({
    run: async () => {
      const answered: Grant[] = [];
      for (let from = 0; from < emails.length; from += AT_ONCE) {
        const part = emails.slice(from, from + AT_ONCE);
        answered.push(...(await client.grantLicenses({ ...named(product), emails: part })).items);
      }
      return answered;
    },
    done: () => undefined,
    changes: changesOf(product),
    inDialog: true,
    afterwards: setGrants,
  });
  if (grants) return <Outcomes grants={grants} onClose={onClose} />;
  return (
    <ActionDialog
      header="Assign licenses"
      confirm="Assign"
      action={assign}
      disabled={emails.length === 0 || misspelled(emails).length > 0}
      onConfirm={() => assign.run()}
      onDismiss={onClose}
    >
      <EmailsField
        value={text}
        onChange={setText}
        description={`Of members. ${product.available.toLocaleString('en')} licenses are available: the first ones get them.`}
      />
    </ActionDialog>
  );
};

const Outcomes = ({ grants, onClose }: { grants: readonly Grant[]; onClose: () => void }) => (
  <AnswerDialog header="What became of each" onClose={onClose}>
    {grants.map(({ email, outcome }) => (
      <div key={email}>
        <StatusIndicator type={outcomes[outcome].type}>
          {email} {outcomes[outcome].text}
        </StatusIndicator>
      </div>
    ))}
  </AnswerDialog>
);
