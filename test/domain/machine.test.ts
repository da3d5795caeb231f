import { describe, expect, it } from 'vitest';
import {
  hasSlotRecipient,
  isBlocked,
  isIdleSlot,
  type Machine,
  machineUse,
  registeredMachines,
} from '../../shared/domain/machine.ts';
import { type HeldSeat, type Hold, machineHolder, sessionHolder } from '../../shared/domain/seat.ts';

const now = 1000;
const machine = (changes: Partial<Machine> = {}): Machine => ({
  status: 'active',
  number: 3,
  fence: 7,
  revision: 1,
  userId: 'u',
  previous: [],
  machineId: 'm',
  registeredAt: 0,
  lastSeenAt: 0,
  ...changes,
});
const times = { claimedAt: 400, availableAt: now + 1, leaseMs: 0 };
const seat = (number: number, changes: Partial<Hold> = {}): HeldSeat => ({
  number,
  fence: 7,
  hold: { holder: sessionHolder('s'), userId: 'u', ...times, ...changes },
});

describe('the slot of a machine that is not in use', () => {
  const slot = seat(3, { holder: machineHolder('m') });
  const isIdle = (record: Machine | undefined, licenseType: 'floating' | 'per-user' = 'per-user', claimLimitMs = 601) =>
    isIdleSlot(slot, record, { licenseType, now, claimLimitMs });

  it('stays with the machine of a named user, and with no other', () => {
    expect(isIdle(machine())).toBe(false);
    expect(isIdle(machine(), 'floating')).toBe(true);
    expect(isIdle(machine({ userId: '' }))).toBe(true);
    expect(isIdle(machine({ status: 'ended' }))).toBe(true);
  });
  it('without a record is free once no claim can be under way', () => {
    for (const record of [undefined, machine({ fence: 6 })]) {
      expect(isIdle(record, 'per-user', 601)).toBe(false);
      expect(isIdle(record, 'per-user', 600)).toBe(true);
    }
  });
  it('may be about to go to another machine', () => {
    const heir = { machineId: 'm2', userId: 'u', sessionId: 's', number: 1, fence: 1, moveId: 'x' };
    expect([machine({ heir }), machine(), undefined].map(hasSlotRecipient)).toEqual([true, false, false]);
  });
});

describe('the registered machines', () => {
  const machines = [
    machine({ machineId: 'named' }),
    machine({ machineId: 'offline', userId: '' }),
    machine({ machineId: 'unused', userId: '' }),
    machine({ machineId: 'removed', status: 'ended' }),
    machine({ machineId: 'removed-in-use', status: 'ended', userId: '' }),
  ];
  const inUse = new Set(['offline', 'removed-in-use']);
  it('of named users are theirs, and those with an offline license; of a floating license those in use', () => {
    expect([...registeredMachines('per-user', { machines, inUse })]).toEqual(['named', 'offline']);
    expect(registeredMachines('floating', { machines, inUse })).toBe(inUse);
  });
});

describe('a machine', () => {
  it('is blocked until the end of its block', () => {
    const until = [now + 1, now, undefined].map((blockedUntil) => isBlocked({ blockedUntil }, now));
    expect([...until, isBlocked(undefined, now)]).toEqual([true, false, false, false]);
  });
  it('is in use by its held seats and by the session that moves to it; its lapsed seats are known', () => {
    const held = seat(1, { machineId: 'm1', movingTo: 'm2' });
    const lapsed = [4, 5].map((number) => seat(number, { machineId: 'm3', availableAt: now }));
    const use = machineUse([held, seat(2), { number: 3, fence: 1 }, ...lapsed], now);
    expect([...use.inUse]).toEqual(['m1', 'm2']);
    expect([...use.lapsed]).toEqual([['m3', lapsed]]);
  });
});
