import { describe, expect, it } from 'vitest';
import { acceptInvitation } from '../../../shared/contracts/accept-invitation.ts';
import { getOrganization } from '../../../shared/contracts/get-organization.ts';
import { revokeInvitation } from '../../../shared/contracts/revoke-invitation.ts';
import { type As, openWorld } from '../support/harness.ts';
import { inviting, newPerson } from '../support/invitations.ts';

const world = await openWorld();
const { got } = world;
const invited = inviting(world);
const revoke = (status: number, invitationId: string, as: As = 'owner') =>
  got(status, revokeInvitation, { as, path: { invitationId } });

describe('204', () => {
  it('it can be accepted no longer; repeating is harmless', async () => {
    const { email, as } = await newPerson();
    const { id, token } = await invited(email);
    await revoke(204, id);
    await got(404, acceptInvitation, { as, path: { token } });
    await revoke(204, id);
    await revoke(204, id, 'admin');
    await got(404, acceptInvitation, { as, path: { token } });
  });
  it('a person who accepted it before stays a member', async () => {
    const { email, as } = await newPerson();
    const { id, token } = await invited(email);
    await got(200, acceptInvitation, { as, path: { token } });
    await revoke(204, id);
    await got(200, getOrganization, { as });
  });
  it('the address can be invited again', async () => {
    const { email, as } = await newPerson();
    const { id } = await invited(email);
    await revoke(204, id);
    await got(200, acceptInvitation, { as, path: { token: (await invited(email)).token } });
  });
});

describe('404', () => {
  it('an invitation that never existed, and one of another organization', async () => {
    const { id } = await invited((await newPerson()).email);
    await revoke(404, 'inv_none');
    const theirs = { as: 'stranger', path: { organizationId: world.foreignId, invitationId: id } } as const;
    expect(await got(404, revokeInvitation, theirs)).toMatchObject({ code: 'not-found' });
  });
});
