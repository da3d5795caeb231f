import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { acceptInvitation } from '../../../shared/contracts/accept-invitation.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { listInvitations } from '../../../shared/contracts/list-invitations.ts';
import { type As, type Json, openWorld, stamp } from '../support/harness.ts';
import { inviting, newPerson } from '../support/invitations.ts';

const world = await openWorld();
const { got, organizationId, foreignId, addMember, userId, stored } = world;
const invited = inviting(world);
const newEmail = () => `${stamp()}@example.com`;
const send = (status: number, body: object, as: As = 'owner'): Promise<Json> => got(status, invite, { as, body });

describe('200', () => {
  it('an outcome for each address, in their order, each with a token of its own', async () => {
    const emails = [newEmail(), 'user@acme.example', newEmail()];
    const { items } = await send(200, { emails, role: 'billing-manager' });
    const invitation = (email: unknown) => ({
      id: expect.stringMatching(/^inv_/),
      email,
      role: 'billing-manager',
      invitedAt: expect.any(String),
      expiresAt: expect.any(String),
      invitedBy: ownerId,
      token: expect.stringMatching(/^lhi_[0-9a-z]{52}_[A-Za-z0-9]{43}$/),
    });
    const ownerId = await userId('owner');
    expect(items).toEqual([
      { email: emails[0], outcome: 'invited', invitation: invitation(emails[0]) },
      { email: emails[1], outcome: 'already-member', userId: await userId('user') },
      { email: emails[2], outcome: 'invited', invitation: invitation(emails[2]) },
    ]);
    expect(items[0].invitation.token).not.toBe(items[2].invitation.token);
  });
  it.each([
    [undefined, 24],
    [1, 1],
    [720, 720],
  ])('expiresInHours %j: good for %i hours', async (expiresInHours, hours) => {
    const { invitedAt, expiresAt } = await invited(newEmail(), 'user', 'owner', { expiresInHours });
    expect(Date.parse(expiresAt) - Date.parse(invitedAt)).toBe(hours * 3_600_000);
  });
  it('addresses are compared without regard to case, and named twice are one', async () => {
    const email = newEmail();
    const { items } = await send(200, { emails: [email.toUpperCase(), email, 'USER@acme.example'], role: 'user' });
    expect(items).toMatchObject([
      { email, outcome: 'invited' },
      { email: 'user@acme.example', outcome: 'already-member' },
    ]);
  });
  it('inviting again replaces the earlier invitation: its token is dead, the new one good', async () => {
    const { email, as } = await newPerson();
    const first = await invited(email, 'admin');
    const second = await invited(email, 'user');
    const { items } = await got(200, listInvitations, { as: 'owner', query: { limit: '200' } });
    expect(items.filter((item: Json) => item.email === email)).toMatchObject([{ role: 'user' }]);
    await got(404, acceptInvitation, { as, path: { token: first.token } });
    expect(await got(200, acceptInvitation, { as, path: { token: second.token } })).toMatchObject({ role: 'user' });
  });
  it('many at once: fifty addresses', async () => {
    const emails = Array.from({ length: 50 }, newEmail);
    const { items } = await send(200, { emails, role: 'user' });
    expect(items.map(({ email }: Json) => email)).toEqual(emails);
  });
  it('a member of another organization is invited like anyone', async () => {
    const email = newEmail();
    await addMember(email, 'owner', foreignId);
    expect(await invited(email)).toMatchObject({ email });
  });
  it('only a hash of the token is kept', async () => {
    const { token } = await invited(newEmail());
    const secret = token.split('_')[2] as string;
    const items = (await stored()).join('\n');
    expect(items).not.toContain(secret);
    expect(items).toContain(createHash('sha256').update(secret).digest('hex'));
  });
  it('an owner invites owners', async () => {
    expect(await invited(newEmail(), 'owner')).toMatchObject({ role: 'owner' });
  });
});

describe('400', () => {
  const email = 'new@example.com';
  it.each<[string, object, string]>([
    ['no addresses', { role: 'user' }, '/body/emails'],
    ['an empty list', { emails: [], role: 'user' }, '/body/emails'],
    ['51 addresses', { emails: Array(51).fill(email), role: 'user' }, '/body/emails'],
    ['an address that is none', { emails: [email, 'nobody'], role: 'user' }, '/body/emails/1'],
    ['no role', { emails: [email] }, '/body/role'],
    ['an unknown role', { emails: [email], role: 'vendor' }, '/body/role'],
    ['no time', { emails: [email], role: 'user', expiresInHours: 0 }, '/body/expiresInHours'],
    ['more than 30 days', { emails: [email], role: 'user', expiresInHours: 721 }, '/body/expiresInHours'],
    ['half an hour', { emails: [email], role: 'user', expiresInHours: 0.5 }, '/body/expiresInHours'],
    ['an organization', { emails: [email], role: 'user', organizationId }, '/body/organizationId'],
  ])('%s', async (_, body, pointer) => {
    expect(await send(400, body)).toMatchObject({ errors: [{ pointer }] });
  });
});

describe('403', () => {
  it('an admin invites no owners, and nobody is invited then', async () => {
    const email = newEmail();
    expect(await send(403, { emails: [email], role: 'owner' }, 'admin')).toMatchObject({ code: 'forbidden' });
    expect((await stored()).join()).not.toContain(email);
    await invited(email, 'admin', 'admin');
  });
});
