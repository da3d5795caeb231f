import { invite } from '../../../shared/contracts/invite.ts';
import type { Role } from '../../../shared/contracts/schemas/organization.ts';
import { type As, type Json, mint, type openWorld, stamp } from './harness.ts';

/** A person with an email address, who can sign in with it. */
export const newPerson = async (claims: object = {}) => {
  const email = `${stamp()}@example.com`;
  const bearer = await mint({ sub: stamp(), email, email_verified: true, ...claims });
  return { email, as: { bearer } };
};

/** Invites one address, and expects that it is invited. */
export const inviting =
  ({ got }: Pick<Awaited<ReturnType<typeof openWorld>>, 'got'>) =>
  async (email: string, role: Role = 'user', as: As = 'owner', more: object = {}): Promise<Json> =>
    (await got(200, invite, { as, body: { emails: [email], role, ...more } })).items[0].invitation;
