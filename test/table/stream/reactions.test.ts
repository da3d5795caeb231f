import { expect, it } from 'vitest';
import { checkClaimAfterMs } from '../../../shared/table/engine/unrecorded-claims.ts';
import { keys, makesEvents } from '../../../shared/table/store/keys.ts';
import type { Item } from '../../../shared/table/store/table.ts';
import { kinds } from '../../../shared/table/stream/change.ts';
import { reactions } from '../../../shared/table/stream/reactions-by-kind.ts';
import { reactionsToRecord } from '../support/stream/follow.ts';

const pool = { organizationId: 'org_a', product: 'KRE' };
const at = 1_800_000_000_000;
const minute = 60_000;

const seat = { ...keys.seat(pool, 3), fence: 7 };
const hold = { holder: 'session#s', userId: 'usr_u', claimedAt: at, renewedAt: at, availableAt: at + 9, leaseMs: 9 };
const held: Item = { ...seat, ...hold, claimId: 'c' };
const claim = { number: 3, fence: 7, holder: 'session#s' };
const session: Item = {
  ...keys.session(pool, 's'),
  sessionId: 's',
  status: 'active',
  number: 3,
  fence: 7,
  revision: 1,
  userId: 'usr_u',
  machineId: 'm',
  activatedAt: at,
  leaseSeconds: 60,
  previous: [],
};
const ended = { ...session, status: 'ended', endedReason: 'released', endedAt: at + 5, revision: 2 };
const member: Item = { ...keys.member('org_a', 'usr_u'), userId: 'usr_u', email: 'u@x', role: 'admin', joinedAt: 1 };
const invitation: Item = {
  ...keys.invitation('org_a', 'inv_a'),
  ...{
    id: 'inv_a',
    organizationId: 'org_a',
    email: 'u@x',
    role: 'user',
    secretHash: 'h',
    invitedAt: 1,
    expiresAt: at + 9,
  },
};
const recovery: Item = {
  ...keys.recovery('org_a', 'usr_u'),
  ...{ id: 'rec_a', organizationId: 'org_a', userId: 'usr_u', startedAt: 1, expiresAt: at + 9 },
};
const key: Item = { ...keys.apiKey('org_a', 'key1'), id: 'key1', userId: 'usr_u', createdAt: 1, expiresAt: at + 99 };
const name = { organizationId: 'org_a', webhookId: 'whk_a', id: 'dlv_a' };
const delivery: Item = { ...keys.delivery(name), ...name, status: 'pending', nextAttemptAt: at, queuedAt: at };

/** A change, and everything that follows from it: the kinds of checks with their times, the event, the time as history. */
type Row = [
  what: string,
  before: Item | undefined,
  after: Item,
  due: [string, number][],
  event?: string,
  since?: number,
];

const rows: Row[] = [
  ['a session claims a seat', seat, { ...held, fence: 8 }, []],
  [
    'a session’s seat moves to another machine',
    held,
    { ...held, fence: 8, machineId: 'other' },
    [['claim', hold.claimedAt + checkClaimAfterMs]],
  ],
  ['a heartbeat renews a seat', held, { ...held, renewedAt: at + 4, availableAt: at + 13 }, []],
  ['a seat is freed', held, seat, []],
  ['a session starts', undefined, session, [], 'activation.started'],
  ['a session ends', session, ended, [], 'activation.ended'],
  ['a session’s lease ends', session, { ...ended, endedReason: 'lease-expired' }, [], 'activation.ended'],
  ['a claim is voided that nobody was told of', undefined, ended, [], undefined, at + 5],
  ['a member is added', undefined, member, [], 'member.added'],
  ['a member gets another role', member, { ...member, role: 'user' }, [['member', at + minute]], 'member.role-changed'],
  [
    'a member is removed',
    member,
    { ...member, removedAt: at + 2 },
    [['member', at + 2 + minute]],
    'member.removed',
    at + 2,
  ],
  ['a member gets a new revision', member, { ...member, revision: 2 }, []],
  [
    'an invitation is used, and its membership is not there yet',
    invitation,
    { ...invitation, acceptedBy: 'usr_u', joining: { name: 'Ida', at, revision: 0 } },
    [['member', at + minute]],
    'invitation.accepted',
    at,
  ],
  [
    'the membership of a used invitation is there',
    { ...invitation, acceptedBy: 'usr_u', joining: { name: 'Ida', at, revision: 0 } },
    { ...invitation, acceptedBy: 'usr_u' },
    [],
  ],
  [
    'a completion of a recovery begins',
    recovery,
    { ...recovery, claim: { subject: 'sub', userId: 'usr_v', at, revision: 1 } },
    [['member', at + minute]],
  ],
  ['an API key is made', undefined, key, [['end', at + 99]], 'api-key.created'],
  ['an API key is used', key, { ...key, lastUsedAt: at }, []],
  [
    'an API key is revoked',
    key,
    { ...key, revokedAt: at + 2 },
    [['api-key', at + 2 + minute]],
    'api-key.revoked',
    at + 2,
  ],
  ['an attempt of a delivery is asked for', undefined, delivery, [['delivery', at + 5 * minute]]],
  ['the owners of an organization change', undefined, { ...keys.owners('org_a') }, []],
  ['a limit lists the API keys of a member', undefined, { ...keys.listOfApiKeys('org_a', 'usr_u') }, []],
];

it.each(rows)('%s: these checks, this event, this retention, and no others', (_, before, after, due, event, since) => {
  const reactions = reactionsToRecord({ at, before, after });
  expect((reactions?.due() ?? []).map((check) => [check.kind, check.at])).toEqual(due);
  expect(reactions?.event()?.action).toBe(event);
  expect(reactions?.retention()?.since).toBe(since);
});

it('a seat that another claim takes after the lease ended tells the end of the session that had it', () => {
  const taken = { ...held, holder: 'session#t', fence: 8, lastFence: 7, lastEnd: at + 9 };
  expect(reactionsToRecord({ at, before: held, after: taken })?.lapse()).toMatchObject({
    sessionId: 's',
    claim: { number: claim.number, fence: claim.fence },
    end: at + 9,
  });
  expect(reactionsToRecord({ at, before: held, after: { ...taken, holder: 'session#s' } })?.lapse()).toBeUndefined();
});

it('a deletion has no consequences, nor has an item that the stream function writes itself', () => {
  expect(reactionsToRecord({ at, before: session, after: undefined })).toBeUndefined();
  const running = keys.formerRunningSession(pool, { sessionId: 's', fence: 7, startedAt: at });
  expect(reactionsToRecord({ at, before: undefined, after: { ...running, ...session, ...running } })).toBeUndefined();
});

it.each(Object.entries(kinds))('a write of a %s notes its time, if its change may make an event', (sort, kind) => {
  expect(makesEvents({ sk: sort })).toBe(reactions[kind].event !== undefined);
});
