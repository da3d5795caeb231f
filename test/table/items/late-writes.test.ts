import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../../../shared/domain/holder-record.ts';
import type { License, LicenseUse } from '../../../shared/domain/license.ts';
import type { Machine } from '../../../shared/domain/machine.ts';
import { type Claim, type HeldSeat, type Seat, seatClaim, sessionHolder } from '../../../shared/domain/seat.ts';
import type { Subscription } from '../../../shared/domain/subscription.ts';
import { pushTerms } from '../../../shared/table/items/blocks.ts';
import { certify, reserveWatching } from '../../../shared/table/items/censuses.ts';
import {
  completeRecord,
  dateEndEarlier,
  endRecord,
  putRecord,
  voidClaim,
} from '../../../shared/table/items/holder-records.ts';
import { adoptUse, claimUse, closeUse, freeUse, renewUse } from '../../../shared/table/items/license-uses.ts';
import { putEntry, removeDeadEntry, renewEntry } from '../../../shared/table/items/line-entries.ts';
import {
  assignMachine,
  endMachine,
  forgetMachine,
  noteOnMachine,
  putMachine,
  setSlotRecipient,
  touchMachine,
  unsetSlotRecipient,
} from '../../../shared/table/items/machines.ts';
import { removeDeadTicket, removePlace, renewTicket } from '../../../shared/table/items/queue-tickets.ts';
import { markSeat, moveToMachine, unmarkSeat } from '../../../shared/table/items/seat-moves.ts';
import {
  claimSeat,
  closeSeat,
  freeSeat,
  handOver,
  prolongSeat,
  renewSeat,
  watchSeat,
} from '../../../shared/table/items/seats.ts';
import {
  noteMachineBlocked,
  readSubscription,
  setClaimable,
  setSlotsComplete,
  stampQueue,
} from '../../../shared/table/items/subscriptions.ts';
import { dropIntent, verifyIntent } from '../../../shared/table/licensed-users/pending-licenses.ts';
import { writeExpiryNotice } from '../../../shared/table/schedule/mark-expired.ts';
import { putIntent, recordMove, resolveMove } from '../../../shared/table/session-ends/session-moves.ts';
import { keys, type Pool, type Position, slotsOf } from '../../../shared/table/store/keys.ts';
import type { Item, Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, type TestPool } from '../support/database.ts';

// A request may be slow, or its write be repeated. Such a write finds an item that others have changed since, and leaves it alone.
let database: Database;
let table: Table;
let pool: TestPool;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
  pool = await createPool(table);
});

const now = Date.now();
const userId = 'usr_ada';
const stored = async ({ pk, sk }: Position): Promise<Item | undefined> =>
  (await table.client.send(new GetCommand({ TableName: table.name, Key: { pk, sk }, ConsistentRead: true }))).Item;

/** Stores an item, makes late writes at once, and expects the item to be as it was. */
const unchanged = async ({ pk, sk }: Position, record: object, writes: () => Promise<unknown>[]) => {
  const before = { pk, sk, ...record };
  await table.client.send(new PutCommand({ TableName: table.name, Item: before }));
  await Promise.all(writes());
  expect(await stored({ pk, sk })).toEqual(before);
};

describe('a late write of a seat', () => {
  let number = 0;
  /** A held seat that is about to move, and whose lease has ended: any write of its claim is possible. */
  const held = async (isMarked = true): Promise<HeldSeat> => {
    const hold = { holder: sessionHolder('a'), userId, claimedAt: now - 2000, availableAt: now - 1000, leaseMs: 1000 };
    const options = { claimId: 'first', fence: 2 };
    const claimed = await claimSeat(table, pool, ++number, hold, options);
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    if (!isMarked) return claimed.seat;
    await markSeat(table, pool, claimed.seat, { machineId: 'other', moveId: 'move' });
    return { ...claimed.seat, hold: { ...claimed.seat.hold, marks: 1 } };
  };
  const writes: Record<string, (claim: Claim, seat: HeldSeat) => Promise<unknown>> = {
    watches: (claim) => watchSeat(table, pool, claim, now),
    'claims anew': (claim, { hold }) =>
      claimSeat(table, pool, claim.number, hold, { claimId: 'late', fence: claim.fence + 1, over: claim }),
    renews: (claim) => renewSeat(table, pool, claim, { from: now, until: now + 1000 }),
    'renews for its member': (claim) => renewSeat(table, pool, claim, { from: now, userId }),
    prolongs: (claim) => prolongSeat(table, pool, claim, now + 1000),
    'hands over': (claim) =>
      handOver(table, pool, claim, { holder: sessionHolder('c'), userId, claimedAt: now, claimId: 'late' }),
    marks: ({ fence, holder }, seat) =>
      markSeat(table, pool, { ...seat, fence, hold: { ...seat.hold, holder } }, { machineId: 'third', moveId: 'late' }),
    unmarks: (claim) => unmarkSeat(table, pool, claim, 'move'),
    moves: (claim) =>
      moveToMachine(table, pool, claim, { machineId: 'other', moveId: 'move', from: now, until: now + 1000 }),
    frees: (claim) => freeSeat(table, pool, claim),
    'frees by the ID of the claim': (claim) => freeSeat(table, pool, claim, 'first'),
    closes: (claim) => closeSeat(table, pool, claim),
    'closes what has lapsed': (claim) => closeSeat(table, pool, claim, { now }),
    'closes early': (claim, { hold }) =>
      closeSeat(table, pool, claim, { early: { at: now, reason: 'idle-timeout', renewedAt: hold.renewedAt } }),
  };

  it.each(Object.entries(writes))('that %s changes no other claim of it', async (_, write) => {
    const seat = await held();
    const claim = seatClaim(seat);
    const key = keys.seat(pool, seat.number);
    const before = await stored(key);
    await write({ ...claim, fence: claim.fence - 1 }, seat);
    await write({ ...claim, holder: sessionHolder('b') }, seat);
    expect(await stored(key)).toEqual(before);
    await write(claim, seat);
    expect(await stored(key)).not.toEqual(before);
  });

  it('that claims it claims it as it was read alone, not once it was used and given back', async () => {
    const { hold, ...used } = await held();
    const seat = { ...used, hold };
    await freeSeat(table, pool, seatClaim(seat));
    const free = { number: used.number, fence: used.fence };
    const claimAs = (asRead: Seat | undefined, fence: number) =>
      claimSeat(table, pool, free.number, { ...hold, claimedAt: now }, { claimId: `as ${fence}`, fence, asRead });
    expect(await claimAs(undefined, 3)).toMatchObject({ outcome: 'lost', seat: free });
    expect(await claimAs({ ...free, fence: 1 }, 4)).toMatchObject({ outcome: 'lost', seat: free });
    // As a lapsed claim of it was read, which was closed meanwhile.
    expect(await claimAs(seat, 5)).toMatchObject({ outcome: 'lost', seat: free });
    expect(await claimAs(free, 6)).toMatchObject({ outcome: 'claimed', seat: { fence: 6 } });
  });

  it('that claims it after a lease claims no seat whose next lease has ended, too', async () => {
    const seat = await held(false);
    const claimAs = (claimId: string, fence: number) =>
      claimSeat(table, pool, seat.number, { ...seat.hold, claimedAt: now - 500 }, { claimId, fence, asRead: seat });
    expect(await claimAs('next', 3)).toMatchObject({ outcome: 'claimed' });
    expect(await claimAs('late', 4)).toMatchObject({ outcome: 'lost', seat: { fence: 3 } });
  });

  it('that marks it first marks no other claim of it', async () => {
    const seat = await held(false);
    const key = keys.seat(pool, seat.number);
    const before = await stored(key);
    await writes.marks?.({ ...seatClaim(seat), fence: seat.fence - 1 }, seat);
    await writes.marks?.({ ...seatClaim(seat), holder: sessionHolder('b') }, seat);
    expect(await stored(key)).toEqual(before);
  });

  it('that was made for an earlier state of the claim changes nothing', async () => {
    const seat = await held();
    const claim = seatClaim(seat);
    const key = keys.seat(pool, seat.number);
    const before = await stored(key);
    await renewSeat(table, pool, claim, { from: now, userId: 'usr_other' });
    for (const marks of [undefined, 7])
      await markSeat(table, pool, { ...seat, hold: { ...seat.hold, marks } } as HeldSeat, {
        machineId: 'third',
        moveId: 'late',
      });
    await unmarkSeat(table, pool, claim, 'earlier');
    await moveToMachine(table, pool, claim, { machineId: 'other', moveId: 'earlier', from: now, until: now + 1000 });
    await freeSeat(table, pool, claim, 'earlier');
    await closeSeat(table, pool, claim, { now: now - 1500 });
    await closeSeat(table, pool, claim, { early: { at: now, reason: 'idle-timeout', renewedAt: now - 3000 } });
    expect(await stored(key)).toEqual(before);
  });

  it.each([undefined, userId])('that renews it (for the member %s) shortens no lease', async (member) => {
    const claim = seatClaim(await held());
    const by = member && { userId: member };
    await renewSeat(table, pool, claim, { from: now, until: now + 5000, ...by });
    const late = await renewSeat(table, pool, claim, { from: now - 500, until: now + 500, ...by });
    expect(late).toMatchObject({ outcome: 'renewed', seat: { hold: { renewedAt: now, availableAt: now + 5000 } } });
  });

  it.each([undefined, userId])('of an earlier release is renewed (for the member %s)', async (member) => {
    const claim = seatClaim(await held());
    const { pk, sk } = keys.seat(pool, claim.number);
    const UpdateExpression = 'REMOVE renewedAt';
    await table.client.send(new UpdateCommand({ TableName: table.name, Key: { pk, sk }, UpdateExpression }));
    await renewSeat(table, pool, claim, { from: now, until: now + 5000, ...(member && { userId: member }) });
    expect(await stored({ pk, sk })).toMatchObject({ renewedAt: now, availableAt: now + 5000 });
  });
});

describe('a late write of a record', () => {
  const claim = { number: 3, fence: 5 };
  const others = [
    { number: 4, fence: 5 },
    { number: 3, fence: 4 },
  ];
  const end = { reason: 'released', at: now } as const;
  const ends = [end, { ...end, unmoved: true }, { ...end, unused: { asRead: 7, since: now } }] as const;
  const active = {
    ...claim,
    sessionId: 'a',
    userId,
    machineId: 'runner-07',
    status: 'active',
    revision: 7,
    activatedAt: now - 1000,
    leaseSeconds: 60,
    previous: [],
  } satisfies Session;
  const pending = { ...active, status: 'pending' };
  const ended = { ...active, status: 'ended', endedReason: 'license-removed', endedAt: now } as const;
  const used = { ...active, inUse: { activeAt: now } };
  const moving = { ...active, moving: { id: 'move', machineId: 'other', fence: 6, at: now } };
  const key = () => keys.session(pool, 'a');

  it.each<[string, object, () => Promise<unknown>[]]>([
    ['completes another claim', pending, () => others.map((other) => completeRecord(table, key(), other))],
    ['completes what has ended', ended, () => [completeRecord(table, key(), claim)]],
    [
      'ends another claim',
      active,
      () => others.flatMap((other) => ends.map((each) => endRecord(table, key(), { claim: other }, each))),
    ],
    [
      'drops another claim',
      pending,
      () => others.map((other) => endRecord(table, key(), { claim: other }, { ...end, pending: true })),
    ],
    ['drops what is complete', active, () => [endRecord(table, key(), { claim }, { ...end, pending: true })]],
    [
      'ends what has ended for another reason',
      ended,
      () => [
        ...ends.map((each) => endRecord(table, key(), { claim }, each)),
        ...[{ userId }, { userId, fence: 5 }, { notOf: 'usr_other' }].map((which) =>
          endRecord(table, key(), which, end),
        ),
      ],
    ],
    [
      'ends what another member has',
      active,
      () =>
        [{ userId: 'usr_other' }, { userId: 'usr_other', fence: 5 }, { notOf: userId }].map((which) =>
          endRecord(table, key(), which, end),
        ),
    ],
    ['ends an earlier claim of the member', active, () => [endRecord(table, key(), { userId, fence: 4 }, end)]],
    [
      'ends what another member has claimed since',
      active,
      () => [endRecord(table, key(), { notOf: 'usr_other' }, { ...end, at: now - 2000 })],
    ],
    ['ends what moves', moving, () => [endRecord(table, key(), { claim }, { ...end, unmoved: true })]],
    [
      'ends what is used since',
      used,
      () =>
        [
          { asRead: 7, since: now - 1 },
          { asRead: 6, since: now },
        ].map((unused) => endRecord(table, key(), { claim }, { ...end, unused })),
    ],
    [
      'dates the end of another claim',
      ended,
      () => others.map((other) => dateEndEarlier(table, key(), other, now - 1)),
    ],
    ['dates an end later', ended, () => [dateEndEarlier(table, key(), claim, now + 1)]],
    ['dates an untold end', { ...ended, untold: true }, () => [dateEndEarlier(table, key(), claim, now - 1)]],
    ['dates no end', { ...active, endedAt: now }, () => [dateEndEarlier(table, key(), claim, now - 1)]],
    [
      'records what has changed since',
      active,
      () => [putRecord(table, key(), ended, { ...active, revision: 6 }), putRecord(table, key(), ended, undefined)],
    ],
    ['voids what has changed since', active, () => [voidClaim(table, key(), { ...active, revision: 6 }, ended)]],
  ])('that %s changes nothing', (_, record, writes) => unchanged(key(), record, writes));
});

describe('a late write of a license', () => {
  const use: LicenseUse = {
    sessionId: 'a',
    machineId: 'runner-07',
    fence: 5,
    claimId: 'first',
    activatedAt: now - 3000,
    renewedAt: now - 2000,
    availableAt: now - 1000,
    leaseMs: 1000,
    activeAt: now - 2000,
  };
  const license: License = {
    ...{
      number: 1,
      fence: 1,
      revision: 7,
      userId,
      status: 'active',
      licensedAt: now - 9000,
      previous: [],
      useFence: 5,
      over: [],
    },
    inUse: use,
  };
  const key = () => keys.license(pool, userId);
  const claim = { number: 1, fence: 5, holder: sessionHolder('a') };
  const others = [
    { ...claim, fence: 4 },
    { ...claim, holder: sessionHolder('b') },
  ];
  const early = (renewedAt: number) => ({ early: { at: now, reason: 'idle-timeout', renewedAt } }) as const;
  const newer = { ...use, sessionId: 'b', fence: 6, claimId: 'late', activatedAt: now };
  const renew = (of: Claim, from = now) => renewUse(table, pool, userId, of, { from, until: now + 1000 });
  const unlapsed: License = { ...license, inUse: { ...use, availableAt: now + 1000 } };
  const ended: License = { ...license, status: 'ended', endedReason: 'license-removed', endedAt: now };

  it.each<[string, License, () => Promise<unknown>[]]>([
    ['renews another use', license, () => others.map((other) => renew(other))],
    ['renews a use of an earlier license', ended, () => [renew(claim)]],
    ['renews what was renewed since', license, () => [renew(claim, now - 2500)]],
    ['adopts another use', license, () => others.map((other) => adoptUse(table, pool, userId, other))],
    [
      'frees another use',
      license,
      () => others.flatMap((other) => [undefined, 7].map((asRead) => freeUse(table, pool, userId, other, asRead))),
    ],
    ['frees what was adopted since', license, () => [freeUse(table, pool, userId, claim, 6)]],
    [
      'closes another use',
      license,
      () =>
        others.flatMap((other) =>
          [{ now }, early(use.renewedAt)].map((closeIf) => closeUse(table, pool, userId, other, closeIf)),
        ),
    ],
    [
      'closes what was renewed since',
      license,
      () => [{ now: now - 1500 }, early(now - 3000)].map((closeIf) => closeUse(table, pool, userId, claim, closeIf)),
    ],
    [
      'uses what has changed since',
      license,
      () => [license, unlapsed].map((each) => claimUse(table, pool, { ...each, revision: 6 }, newer)),
    ],
    ['uses what has ended', ended, () => [license, unlapsed].map((each) => claimUse(table, pool, each, newer))],
    ['uses what was renewed since', unlapsed, () => [claimUse(table, pool, license, newer)]],
  ])('that %s changes nothing', (_, record, writes) => unchanged(key(), record, writes));
});

describe('a late write of a machine', () => {
  const machine: Machine = {
    ...{ machineId: 'runner-07', userId, number: 3, fence: 5, revision: 7, status: 'active', previous: [] },
    ...{ registeredAt: now - 1000, lastSeenAt: now - 1000 },
  };
  const heir = { machineId: 'other', userId, sessionId: 'a', number: 1, fence: 1, moveId: 'move' };
  const ended: Machine = { ...machine, status: 'ended', endedReason: 'machine-removed', endedAt: now };
  const asRead = [
    { ...machine, number: 4 },
    { ...machine, fence: 4 },
    { ...machine, revision: 6 },
  ];
  const key = () => keys.machine(pool, 'runner-07');
  const touch = () => touchMachine(table, pool, { machineId: 'runner-07', userId, now });

  it.each<[string, Machine, () => Promise<unknown>[]]>([
    ['assigns what has changed since', machine, () => asRead.map((each) => assignMachine(table, pool, each, 'usr_b'))],
    [
      'hands a slot over that has changed since',
      machine,
      () => asRead.map((each) => setSlotRecipient(table, pool, each, heir)),
    ],
    [
      'removes what has changed since',
      machine,
      () => asRead.map((each) => endMachine(table, pool, each, { reason: 'machine-removed', at: now })),
    ],
    ['forgets what has changed since', machine, () => asRead.map((each) => forgetMachine(table, pool, each))],
    ['registers what is registered', machine, () => [putMachine(table, pool, ended)]],
    ['uses what was removed', ended, () => [touch()]],
    ['uses what has an heir', { ...machine, heir }, () => [touch()]],
    [
      'takes away a later heir',
      { ...machine, heir },
      () => [unsetSlotRecipient(table, pool, { ...machine, heir: { ...heir, moveId: 'earlier' } })],
    ],
    [
      'binds a license to what is blocked',
      { ...ended, blockedUntil: now + 1 },
      () => [noteOnMachine(table, pool, 'runner-07', { asRead: machine, now })],
    ],
  ])('that %s changes nothing', (_, record, writes) => unchanged(key(), record, writes));
});

it('a machine that has never been used is used', async () => {
  const machine: Machine = {
    ...{ machineId: 'new', userId, number: 3, fence: 5, revision: 7, status: 'active', previous: [] },
    ...{ registeredAt: now, lastSeenAt: now },
  };
  await putMachine(table, pool, machine);
  const used = await touchMachine(table, pool, { machineId: 'new', now: now + 1 });
  expect(used).toMatchObject({ outcome: 'touched', machine: { lastSeenAt: now + 1 } });
});

describe('a late write of a place in the queue', () => {
  const place = {
    ...{ sessionId: 'a', userId, machineId: 'runner-07', arrivedAt: now - 1000, aliveUntil: now + 1000 },
    ...{ giveUpAt: now + 9000, aheadAtFirst: 0 },
  };
  const { userId: _, machineId: __, giveUpAt: ___, ...entry } = place;
  const earlier = { ...place, arrivedAt: now - 2000 };
  const anothers = { ...place, userId: 'usr_other' };
  const renewedSince = { ...place, aliveUntil: now };

  it.each<[string, object, () => Promise<unknown>[]]>([
    [
      'renews it',
      place,
      () => [earlier, anothers, renewedSince].map((each) => renewTicket(table, pool, each, now + 5000)),
    ],
    ['removes it', place, () => [earlier, anothers].map((each) => removePlace(table, pool, each))],
    [
      'clears it away',
      place,
      () => [earlier, renewedSince, { ...place, leftAt: now }].map((each) => removeDeadTicket(table, pool, each)),
    ],
    [
      'clears it away after its session left',
      { ...place, leftAt: now },
      () =>
        [place, { ...earlier, leftAt: now }, { ...renewedSince, leftAt: now }, { ...place, leftAt: now - 1 }].map(
          (each) => removeDeadTicket(table, pool, each),
        ),
    ],
  ])('that %s changes no other ticket', (_, ticket, writes) => unchanged(keys.ticket(pool, 'a'), ticket, writes));

  it('changes no other entry', () =>
    unchanged(keys.entry(pool, entry), entry, () => [
      putEntry(table, pool, { ...entry, aheadAtFirst: 7 }),
      renewEntry(table, pool, { ...entry, aliveUntil: now }, now + 5000),
      removeDeadEntry(table, pool, { ...entry, aliveUntil: now }),
    ]));
});

describe('a late write of a move', () => {
  const moving = { id: 'move', machineId: 'other', fence: 6, at: now - 9000 };
  const session: Session = {
    ...{ sessionId: 'm', userId, machineId: 'runner-07', status: 'active', number: 900, fence: 5, revision: 7 },
    ...{ activatedAt: now - 1000, leaseSeconds: 60, previous: [], moving },
  };
  const ended: Session = { ...session, status: 'ended', endedReason: 'released', endedAt: now };
  const others = [
    { ...session, number: 901 },
    { ...session, fence: 4 },
    { ...session, moving: { ...moving, id: 'earlier' } },
  ];

  it.each<[string, Session, () => Promise<unknown>[]]>([
    ['begins', session, () => [putIntent(table, pool, { ...session, revision: 6 }, { ...moving, id: 'late' })]],
    ['begins after the end', ended, () => [putIntent(table, pool, session, { ...moving, id: 'late' })]],
    ['is made', session, () => others.map((each) => recordMove(table, pool, each, each.moving ?? moving, now))],
    ['is made after the end', ended, () => [recordMove(table, pool, session, moving, now)]],
    ['is dropped', session, () => others.map((each) => resolveMove(table, pool, each, { now }))],
    ['is dropped after the end', ended, () => [resolveMove(table, pool, session, { now })]],
  ])('that %s changes no other claim of the session', (_, record, writes) =>
    unchanged(keys.session(pool, 'm'), record, writes),
  );
});

describe('a late write of a transfer', () => {
  const transfer = { userId: 'usr_giver', fence: 1, intent: 'this' };
  const pending: License = {
    ...{ number: 1, fence: 2, revision: 7, userId, status: 'pending', licensedAt: now, previous: [], over: [] },
    ...{ useFence: 0, from: transfer },
  };
  const verified: License = { ...pending, from: { ...transfer, verified: true } };
  const given: License = { ...verified, status: 'active' };
  const earlier: License = { ...pending, from: { ...transfer, intent: 'earlier' } };
  const verifiedEarlier: License = { ...pending, from: { ...transfer, intent: 'earlier', verified: true } };

  it.each<[string, License, () => Promise<unknown>[]]>([
    ['verifies another', pending, () => [verifyIntent(table, pool, earlier)]],
    ['verifies again', verified, () => [verifyIntent(table, pool, pending)]],
    ['verifies what is no longer pending', { ...pending, status: 'ended' }, () => [verifyIntent(table, pool, pending)]],
    ['drops another', pending, () => [earlier, verifiedEarlier].map((each) => dropIntent(table, pool, each, now))],
    ['drops what was verified since', verified, () => [dropIntent(table, pool, pending, now)]],
    ['drops what is complete', given, () => [dropIntent(table, pool, verified, now)]],
    [
      'drops what is no longer pending',
      { ...pending, status: 'active' },
      () => [dropIntent(table, pool, pending, now)],
    ],
  ])('that %s changes nothing', (_, license, writes) => unchanged(keys.license(pool, userId), license, writes));
});

describe('a late write of the terms', () => {
  const read = async (of: Pool): Promise<Subscription> => {
    const subscription = await readSubscription(table, of);
    if (!subscription) throw new Error('no subscription');
    return subscription;
  };

  it.each([10, 3000])('of %i seats changes nothing that was set since', async (quota) => {
    const of = await createPool(table, { quota, machineQuota: 5 });
    await of.set({ quota });
    const current = await read(of);
    const copies = [keys.subscription(of), keys.terms(of, 2), keys.blocks(of)];
    const before = await Promise.all(copies.map(stored));
    const earlier = { ...current, version: current.version - 1 };
    expect(await setClaimable(table, of, earlier, 1)).toBe('lost');
    expect(await setClaimable(table, slotsOf(of), earlier, 1)).toBe('lost');
    await setSlotsComplete(table, of, earlier);
    await pushTerms(table, { ...earlier, blocks: 2, pushed: 0, blockQuota: 1 } as Subscription);
    await writeExpiryNotice(table, { ...earlier, expiresAt: now - 1 }, { endedAt: now - 1, now });
    if (quota === 10) expect(await stored(copies[0] as Position)).toEqual(before[0]);
    else expect(await Promise.all(copies.map(stored))).toEqual(before);
  });

  it('is noted in the pool and its blocks, once', async () => {
    const of = await createPool(table, { quota: 3000 });
    const { pk, sk } = keys.subscription(of);
    const UpdateExpression = 'REMOVE pushed';
    await table.client.send(new UpdateCommand({ TableName: table.name, Key: { pk, sk }, UpdateExpression }));
    await pushTerms(table, await read(of));
    expect(await read(of)).toMatchObject({ pushed: 1, version: 1 });
    await of.set({ quota: 5000 });
    expect(await read(of)).toMatchObject({ pushed: 2, version: 2 });
    expect(await stored(keys.blocks(of))).toMatchObject({ blocks: 5 });
  });

  it.each([10, 3000])('of %i seats shortens no note of a queue, or of a block of a machine', async (quota) => {
    const of = await createPool(table, { quota, machineQuota: 5 });
    for (const later of [2000, 4000, 3000]) {
      await stampQueue(table, await read(of), { needed: now + later, until: now + later });
      await noteMachineBlocked(table, of, now + later);
    }
    expect(await read(of)).toMatchObject({ lineUntil: now + 4000 });
    expect([undefined, now + 4000]).toContain((await read(of)).machinesBlockedUntil);
  });

  it.each([
    [10, 10],
    [3000, 3000],
    [10, 3000],
  ])('of %i seats notes its expiry once, also with %i seats since', async (quota, since) => {
    const of = await createPool(table, { quota });
    const { expiredAt: _, ...asRead } = await read(of);
    await of.set({ quota: since });
    const notice = () => writeExpiryNotice(table, asRead, { endedAt: asRead.expiresAt, now });
    await notice();
    const noted = await read(of);
    expect(noted).toMatchObject({ quota: since, expiredAt: asRead.expiresAt });
    await notice();
    expect(await read(of)).toEqual(noted);
  });

  it.each([
    ['new', 0],
    ['of one block', 10],
    ['of several blocks', 3000],
  ])('of a pool that is %s is made on what was set meanwhile', async (_, quota) => {
    const of = await createPool(table, { quota: quota || 10 });
    const { pk, sk } = keys.subscription(of);
    if (quota === 0) await table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
    const version = quota === 0 ? 0 : (await read(of)).version;
    let meanwhile: Promise<unknown> | undefined;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (name === 'PutItem' && input.Item.sk === sk) meanwhile ??= of.set({ quota: 4000 });
        await meanwhile;
        return send();
      },
    });
    await of.set({ quota: 5000 }, slow);
    expect(await read(of)).toMatchObject({ quota: 5000, version: version + 2 });
  });
});

describe('a late write of a census', () => {
  const census = {
    block: 2,
    fullUntil: now + 1000,
    upTo: 2048,
    nextFreeAt: now + 1000,
    unconfirmed: new Uint8Array(3),
  };

  it('certifies no block of which a claim has ended since', () =>
    unchanged(keys.census(pool, 2), { epoch: 7, fullUntil: 0 }, () =>
      [undefined, { epoch: 6 }].map((asRead) => certify(table, pool, asRead, census)),
    ));

  it('reserves no watching that another request has, until that ends', async () => {
    const reserve = (at: number) => reserveWatching(table, pool, { now: at, until: at + 1000 });
    expect([await reserve(now), await reserve(now + 999), await reserve(now + 1000)]).toEqual([true, false, true]);
  });
});
