import * as fc from 'fast-check';
import type { EndedReason } from '../../../../shared/contracts/schemas/activation.ts';
import type { HeldSeat } from '../../../../shared/domain/seat.ts';
import { extendActivation, startActivation } from '../../../../shared/table/activations/activations.ts';
import { findSession } from '../../../../shared/table/activations/list-online.ts';
import { transferSession } from '../../../../shared/table/activations/transfer-session.ts';
import { grantLicense } from '../../../../shared/table/licensed-users/grant-license.ts';
import { removeLicense } from '../../../../shared/table/licensed-users/remove-license.ts';
import { transferLicense } from '../../../../shared/table/licensed-users/transfer-license.ts';
import { issueOfflineLicense } from '../../../../shared/table/offline/offline-licenses.ts';
import { voidOfflineLicense } from '../../../../shared/table/offline/void-offline.ts';
import { deactivateSession } from '../../../../shared/table/removals/deactivate.ts';
import { removeMachine, removeMachineLicense } from '../../../../shared/table/removals/remove-machine.ts';
import { removeMember } from '../../../../shared/table/removals/remove-member.ts';
import { settleAllDue } from '../../../../shared/table/schedule/settle-due.ts';
import type { Clock } from '../../../../shared/table/store/clock.ts';
import type { Table } from '../../../../shared/table/store/table.ts';
import type { TestPool } from '../database.ts';

/** What the vendor sets. Times are epoch ms. */
export interface Terms {
  quota: number;
  machineQuota: number;
  leaseSeconds: number;
  suspended: boolean;
  reserveOnline: number;
  expiresAt: number;
  idleTimeoutMinutes: number | null;
}

/** The claim that a client knows, as its activation told it. */
interface Told {
  seat: number;
  fence: number;
}

/** What somebody asks for. Members are numbers: whose ID that is, the pool knows. */
export type Operation =
  | { kind: 'grant'; user: number }
  | { kind: 'remove-license'; user: number }
  | { kind: 'transfer-license'; from: number; to: number }
  | { kind: 'activate'; session: string; user: number; machine: string; waitSeconds?: number }
  | { kind: 'heartbeat'; session: string; user: number; told: Told; idleSeconds: number }
  | { kind: 'deactivate'; session: string; user: number; fence?: number }
  | { kind: 'force'; session: string }
  | { kind: 'look'; session: string }
  | { kind: 'transfer-session'; session: string; machine: string }
  | { kind: 'issue'; machine: string; forSeconds: number | undefined }
  | { kind: 'void'; id: string }
  | { kind: 'remove-machine'; machine: string; blockSeconds: number | undefined }
  | { kind: 'remove-machine-license'; machine: string }
  | { kind: 'remove-member'; user: number }
  | { kind: 'set'; terms: Terms }
  | { kind: 'schedule' };

/** What it was answered. Times are epoch ms. */
export interface Answer {
  outcome: string;
  reason?: EndedReason;
  /** Of an activation, a granted or an offline license. */
  seat?: { number: number; fence: number; until: number };
  /** The ID of an offline license. */
  id?: string;
}

const seatOf = ({ number, fence, hold }: HeldSeat) => ({ number, fence, until: hold.availableAt });

/** Does what is asked for. */
export const perform = async (table: Table, pool: TestPool, operation: Operation, clock: Clock): Promise<Answer> => {
  const userId = (user: number) => pool.users[user] as string;
  switch (operation.kind) {
    case 'grant': {
      const result = await grantLicense(table, pool, userId(operation.user), clock);
      const got = result.outcome === 'acquired' || result.outcome === 'renewed';
      return { outcome: result.outcome, ...(got && { seat: seatOf(result.seat) }) };
    }
    case 'remove-license':
      return { outcome: await removeLicense(table, pool, userId(operation.user), clock.now()) };
    case 'transfer-license': {
      const users = { from: userId(operation.from), to: userId(operation.to) };
      const result = await transferLicense(table, pool, users, clock);
      if (result.outcome !== 'transferred') return { outcome: result.outcome };
      const { number, fence } = result.license;
      return { outcome: 'transferred', seat: { number, fence, until: 0 } };
    }
    case 'activate': {
      const { session: sessionId, machine: machineId, user, waitSeconds } = operation;
      const request = { sessionId, machineId, userId: userId(user), waitSeconds };
      const result = await startActivation(table, pool, request, clock);
      if (result.outcome === 'acquired' || result.outcome === 'renewed')
        return { outcome: result.outcome, seat: seatOf(result.seat) };
      return { outcome: result.outcome, ...(result.outcome === 'ended' && { reason: result.reason }) };
    }
    case 'heartbeat': {
      const { session: sessionId, user, told, idleSeconds } = operation;
      const beat = { sessionId, userId: userId(user), ...told, idleSeconds };
      const result = await extendActivation(table, pool, beat, clock.now());
      if (result.outcome === 'extended') return { outcome: 'extended', seat: seatOf(result.seat) };
      return { outcome: result.outcome, ...(result.outcome === 'ended' && { reason: result.reason }) };
    }
    case 'deactivate':
    case 'force': {
      const by =
        operation.kind === 'force'
          ? { userId: 'usr_admin', mayForce: true }
          : { userId: userId(operation.user), mayForce: false, fence: operation.fence };
      const outcome = await deactivateSession(table, pool, { sessionId: operation.session, ...by }, clock.now());
      return { outcome };
    }
    case 'look': {
      const found = await findSession(table, pool, operation.session, { now: clock.now() });
      return { outcome: found?.session.status ?? 'missing', reason: found?.session.endedReason };
    }
    case 'transfer-session': {
      const { session: sessionId, machine: machineId } = operation;
      const result = await transferSession(table, pool, { sessionId, machineId }, clock);
      if (result.outcome === 'transferred') return { outcome: 'transferred', seat: seatOf(result.seat) };
      return { outcome: result.outcome, ...(result.outcome === 'ended' && { reason: result.reason }) };
    }
    case 'issue': {
      const { machine: machineId, forSeconds } = operation;
      const askedExpiry = forSeconds === undefined ? null : clock.now() + forSeconds * 1000;
      const request = { machineId, usedBy: null, description: null, askedExpiry };
      const result = await issueOfflineLicense(table, pool, request, { issuedBy: 'usr_admin' }, clock);
      if (result.outcome !== 'issued') return { outcome: result.outcome };
      const { id, number, fence, expiresAt } = result.license;
      return { outcome: 'issued', id, seat: { number, fence, until: expiresAt } };
    }
    case 'void': {
      const license = await voidOfflineLicense(table, pool, operation.id, { reason: 'lost', now: clock.now() });
      return { outcome: license?.voidedAt === undefined ? 'missing' : 'voided' };
    }
    case 'remove-machine': {
      const { machine, blockSeconds } = operation;
      const now = clock.now();
      const blockedUntil = blockSeconds === undefined ? undefined : now + blockSeconds * 1000;
      const { outcome } = await removeMachine(table, pool, machine, { blockedUntil, now }, clock);
      return { outcome };
    }
    case 'remove-machine-license':
      return { outcome: (await removeMachineLicense(table, pool, operation.machine, clock.now())).outcome };
    case 'remove-member': {
      const { organizationId } = pool;
      const member = { organizationId, userId: userId(operation.user), by: 'owner', now: clock.now() } as const;
      return { outcome: await removeMember(table, member, clock) };
    }
    case 'schedule': {
      const { failed } = await settleAllDue(table, { now: clock.now(), most: 1000, until: () => false });
      return { outcome: failed.length === 0 ? 'settled' : 'failed' };
    }
    case 'set': {
      const { reserveOnline, ...terms } = operation.terms;
      const offline = { allowed: true, maxDays: null, reserveOnline };
      return { outcome: (await pool.set({ ...terms, offline }, table)).outcome };
    }
  }
};

/** What a client does, before it is known what it was told of its session, and what the terms are that it changes. */
export type Draft =
  | Exclude<Operation, { kind: 'heartbeat' | 'deactivate' | 'set' }>
  | { kind: 'heartbeat'; session: string; stale: boolean; idleSeconds: number }
  | { kind: 'deactivate'; session: string }
  | { kind: 'set'; changes: Partial<Omit<Terms, 'expiresAt'>> & { endsIn?: number } };

const user = fc.nat({ max: 2 });
const session = fc.constantFrom('s1', 's2', 's3', 's4');
const machine = fc.constantFrom('m1', 'm2', 'm3');

/** What clients do on a floating pool, or on one whose licenses belong to users. */
export const drafts = (floating: boolean): fc.Arbitrary<Draft> => {
  const of = <D extends Draft>(
    weight: number,
    kind: D['kind'],
    fields: { [F in keyof Omit<D, 'kind'>]: fc.Arbitrary<D[F]> },
  ) => ({
    weight,
    arbitrary: fc.record(fields as Record<string, fc.Arbitrary<unknown>>).map((drawn) => ({ kind, ...drawn }) as Draft),
  });
  type Of<K extends Draft['kind']> = Extract<Draft, { kind: K }>;
  const offline = of<Of<'issue'>>(1, 'issue', { machine, forSeconds: fc.constantFrom(60, 600, undefined) });
  return fc.oneof(
    of<Of<'activate'>>(6, 'activate', { session, user, machine }),
    of<Of<'heartbeat'>>(4, 'heartbeat', {
      session,
      stale: fc.constantFrom(false, false, true),
      idleSeconds: fc.constantFrom(0, 0, 3600),
    }),
    of<Of<'deactivate'>>(2, 'deactivate', { session }),
    of<Of<'force'>>(1, 'force', { session }),
    of<Of<'look'>>(1, 'look', { session }),
    offline,
    of<Of<'remove-machine'>>(1, 'remove-machine', { machine, blockSeconds: fc.constantFrom(undefined, 60) }),
    of<Of<'remove-machine-license'>>(1, 'remove-machine-license', { machine }),
    of<Of<'set'>>(2, 'set', { changes }),
    of<Of<'schedule'>>(1, 'schedule', {}),
    ...(floating
      ? [of<Of<'transfer-session'>>(3, 'transfer-session', { session, machine })]
      : [
          of<Of<'grant'>>(5, 'grant', { user }),
          of<Of<'remove-license'>>(1, 'remove-license', { user }),
          {
            weight: 3,
            arbitrary: fc
              .tuple(user, fc.constantFrom(1, 2))
              .map(([from, step]): Draft => ({ kind: 'transfer-license', from, to: (from + step) % 3 })),
          },
        ]),
    of<Of<'remove-member'>>(1, 'remove-member', { user: fc.constant(2) }),
  );
};

const changes: fc.Arbitrary<Extract<Draft, { kind: 'set' }>['changes']> = fc.record(
  {
    quota: fc.integer({ min: 0, max: 4 }),
    machineQuota: fc.integer({ min: 1, max: 4 }),
    leaseSeconds: fc.constantFrom(60, 90),
    suspended: fc.constantFrom(false, false, true),
    reserveOnline: fc.integer({ min: 0, max: 2 }),
    endsIn: fc.constantFrom(86_400, 86_400, 3600, 50),
    idleTimeoutMinutes: fc.constantFrom(null, 60),
  },
  { requiredKeys: [] },
);
