import { describe, expect, it } from 'vitest';
import { acceptInvitation } from '../../../shared/contracts/accept-invitation.ts';
import { listInvitations } from '../../../shared/contracts/list-invitations.ts';
import { revokeInvitation } from '../../../shared/contracts/revoke-invitation.ts';
import { clock, type Json, openWorld } from '../support/harness.ts';
import { inviting, newPerson } from '../support/invitations.ts';

const world = await openWorld();
const { got } = world;
const invited = inviting(world);
const list = async (query: Record<string, string> = { limit: '200' }): Promise<Json> =>
  got(200, listInvitations, { as: 'admin', query });

describe('200', () => {
  it('shows each as its creation did, without the token', async () => {
    const { token, ...shown } = await invited((await newPerson()).email, 'admin');
    const { items } = await list();
    expect(items).toContainEqual(shown);
    expect(JSON.stringify(items)).not.toContain(token.split('_')[2]);
  });
  it('leaves out expired, revoked and accepted ones', async () => {
    const people = await Promise.all([1, 2, 3, 4].map(() => newPerson()));
    const [open, revoked, accepted, expired] = await Promise.all(
      people.map(({ email }, index) => invited(email, 'user', 'owner', { expiresInHours: index === 3 ? 1 : 2 })),
    );
    await got(204, revokeInvitation, { as: 'owner', path: { invitationId: revoked.id } });
    await got(200, acceptInvitation, { as: people[2]!.as, path: { token: accepted.token } });
    clock.advance(3_600_000);
    const ids = (await list()).items.map(({ id }: Json) => id);
    expect(ids).toContain(open.id);
    for (const { id } of [revoked, accepted, expired]) expect(ids).not.toContain(id);
    clock.advance(3_600_000);
    expect((await list()).items.map(({ id }: Json) => id)).not.toContain(open.id);
  });
  it('pages hold each once', async () => {
    for (let count = 0; count < 5; count++) await invited((await newPerson()).email);
    const { items } = await list();
    const paged: Json[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: '2', ...(cursor && { cursor }) });
      paged.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(items);
    expect(items.length).toBeGreaterThan(4);
  });
  it('an organization’s own alone', async () => {
    const { email } = await newPerson();
    await invited(email);
    const theirs = { as: 'stranger', path: { organizationId: world.foreignId } } as const;
    expect((await got(200, listInvitations, theirs)).items).toEqual([]);
  });
});
