import { useRef, useState } from 'react';
import type { LicensedUser } from '../../../../client/index.ts';
import { ResultDialog } from '../../../components/dialogs/result-dialog.tsx';
import { Status } from '../../../components/status.tsx';
import { RevokeLicenses } from './revoke-licenses.tsx';

type Outcome = 'revoked' | 'used';

interface RevokeUnusedProps {
  users: readonly LicensedUser[];
  /** For how many days nobody has worked with the licenses. */
  days: number;
  onClose: () => void;
}

/** Revokes the licenses that nobody uses, and shows the outcome for each. A license that was used meanwhile stays. */
export const RevokeUnused = ({ users, days, onClose }: RevokeUnusedProps) => {
  const outcomes = useRef(new Map<string, Outcome>());
  const [finished, setFinished] = useState(false);
  if (!finished)
    return (
      <RevokeLicenses
        users={users}
        ifUnusedForDays={days}
        onOutcome={({ userId }, outcome) => outcomes.current.set(userId, outcome)}
        onClose={() => (outcomes.current.size > 0 ? setFinished(true) : onClose())}
      />
    );
  const count = (outcome: Outcome | undefined) =>
    users.filter(({ userId }) => outcomes.current.get(userId) === outcome).length;
  const [revoked, used, failed] = [count('revoked'), count('used'), count(undefined)];
  return (
    <ResultDialog
      header={[
        `${revoked} revoked`,
        ...(used > 0 ? [`${used} used meanwhile`] : []),
        ...(failed > 0 ? [`${failed} not revoked`] : []),
      ].join(', ')}
      onClose={onClose}
    >
      {users.map(({ userId, email }) => {
        const outcome = outcomes.current.get(userId);
        return (
          <div key={userId}>
            {outcome === 'revoked' && <Status type="success">{email}: the license is revoked</Status>}
            {outcome === 'used' && <Status type="info">{email} has used the license meanwhile, and keeps it</Status>}
            {outcome === undefined && <Status type="error">{email}: the license stays</Status>}
          </div>
        );
      })}
    </ResultDialog>
  );
};
