import { cancelRecovery } from '../../../shared/contracts/cancel-recovery.ts';
import { completeRecovery } from '../../../shared/contracts/complete-recovery.ts';
import { consentToRecovery } from '../../../shared/contracts/consent-to-recovery.ts';
import type { Role } from '../../../shared/contracts/schemas/organization.ts';
import { startRecovery } from '../../../shared/contracts/start-recovery.ts';
import { type As, type Json, mint, type openWorld, stamp } from './harness.ts';

/** How members are recovered in a world. */
export const recovering = ({
  got,
  addMember,
  userId,
  organizationId,
}: Pick<Awaited<ReturnType<typeof openWorld>>, 'got' | 'addMember' | 'userId' | 'organizationId'>) => {
  /** A sign-in with an address, by a new subject. */
  const signInAs = async (email: string, claims: object = {}): Promise<{ bearer: string }> => ({
    bearer: await mint({ sub: stamp(), email, email_verified: true, ...claims }),
  });
  /** A member who signed in once, and now has another sign-in: `fresh`. */
  const lockedOut = async (role: Role = 'owner', into = organizationId) => {
    const email = `${stamp()}@acme.example`;
    const old = { bearer: await addMember(email, role, into) };
    return { email, old, id: await userId(old), fresh: await signInAs(email), path: { organizationId: into } };
  };
  type LockedOut = Pick<Awaited<ReturnType<typeof lockedOut>>, 'id' | 'path'>;
  const start = ({ id, path }: LockedOut, status = 201): Promise<Json> =>
    got(status, startRecovery, { as: 'vendor', path, body: { userId: id } });
  const pathOf = ({ path }: Pick<LockedOut, 'path'>, { id: recoveryId }: { id: string }) => ({ ...path, recoveryId });
  return {
    signInAs,
    lockedOut,
    start,
    pathOf,
    consent: (person: LockedOut, recovery: { id: string }, as: As = 'user', status = 200): Promise<Json> =>
      got(status, consentToRecovery, { as, path: pathOf(person, recovery) }),
    cancel: (person: LockedOut, recovery: { id: string }, as: As = 'admin', status = 204): Promise<Json> =>
      got(status, cancelRecovery, { as, path: pathOf(person, recovery) }),
    complete: (person: LockedOut, recovery: { id: string }, as: As, status = 200): Promise<Json> =>
      got(status, completeRecovery, { as, path: pathOf(person, recovery) }),
  };
};
