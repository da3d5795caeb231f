import { describe, expect, it } from 'vitest';
import { acceptInvitation } from '../../../shared/contracts/accept-invitation.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { listYourInvitations } from '../../../shared/contracts/list-your-invitations.ts';
import { revokeInvitation } from '../../../shared/contracts/revoke-invitation.ts';
import { ranges } from '../../../shared/table/store/keys.ts';
import { readAll } from '../../../shared/table/store/table.ts';
import { openFollower } from '../support/changes.ts';
import { type As, clock, type Json, mint, openWorld, stamp } from '../support/harness.ts';
import { inviting, newPerson } from '../support/invitations.ts';

const world = await openWorld({ stream: true });
const { got, organizationId, foreignId } = world;
const follow = await openFollower(world.table);
const invited = inviting(world);
const listed = async (as: As): Promise<Json[]> => {
  await follow();
  return (await got(200, listYourInvitations, { as })).items;
};

describe('200', () => {
  it('names organization, role, inviter and expiry of each invitation, with the token that accepts it', async () => {
    const { email, as } = await newPerson();
    const { expiresAt, token } = await invited(email, 'admin');
    const body = { emails: [email], role: 'user' };
    await got(200, invite, { as: 'stranger', path: { organizationId: foreignId }, body });
    const items = await listed(as);
    expect(items).toHaveLength(2);
    expect(items).toContainEqual({
      organization: { id: organizationId, name: 'Acme' },
      role: 'admin',
      expiresAt,
      invitedBy: { email: 'owner@acme.example', name: expect.any(String) },
      token,
    });
    await got(200, acceptInvitation, { as, path: { token } });
    expect(await listed(as)).toMatchObject([{ organization: { id: foreignId } }]);
  });
  it('shows the latest invitation of an address, and none that was revoked or has expired', async () => {
    const { email, as } = await newPerson();
    await invited(email);
    const second = await invited(email, 'admin');
    expect(await listed(as)).toMatchObject([{ role: 'admin', token: second.token }]);
    await got(204, revokeInvitation, { as: 'owner', path: { invitationId: second.id } });
    expect(await listed(as)).toEqual([]);
    await invited(email);
    expect(await listed(as)).toHaveLength(1);
    clock.advance(25 * 3_600_000);
    expect(await listed(as)).toEqual([]);
  });
  it('shows an invitation that followed a revoked one, also if the changes of both are followed in another order', async () => {
    // Each change of the two invitations is the last one once.
    for (let last = 0, changes = 1; last < changes; last++) {
      const { email, as } = await newPerson();
      await follow();
      const { id } = await invited(email);
      await got(204, revokeInvitation, { as: 'owner', path: { invitationId: id } });
      const { token } = await invited(email);
      await follow((made) => {
        const ofInvitations = made.filter(({ after }) => String(after?.sk).startsWith('INVITATION#'));
        changes = ofInvitations.length;
        return [...ofInvitations.toSpliced(last, 1), ...ofInvitations.slice(last, last + 1)];
      });
      expect(await listed(as)).toMatchObject([{ token }]);
      await got(204, revokeInvitation, { as: 'owner', path: { invitationId: id } });
      await follow();
      expect(await readAll(world.table, ranges.pendingInvitations(email))).toEqual([]);
    }
  });
  it('is empty for another person, for an unverified address and for a sign-in without one', async () => {
    const { email } = await newPerson();
    await invited(email);
    const unverified = { bearer: await mint({ sub: stamp(), email, email_verified: false }) };
    const none = { bearer: await mint({ sub: stamp() }) };
    for (const as of [(await newPerson()).as, unverified, none]) expect(await listed(as)).toEqual([]);
  });
  it('is empty for a later sign-in with an address that another person has', async () => {
    const { email, as } = await newPerson();
    await world.userId(as);
    await invited(email);
    expect(await listed((await newPerson({ sub: stamp(), email })).as)).toEqual([]);
  });
});
