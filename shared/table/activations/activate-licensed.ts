import { randomBytes } from 'node:crypto';
import type { SessionRequest } from '../../domain/activation.ts';
import { isRecordOf, mayComeBack, type Session, withLeaseEnd } from '../../domain/holder-record.ts';
import { type License, type LicenseUse, nextUseFence, seatOfUse, useSeat } from '../../domain/license.ts';
import type { Machine } from '../../domain/machine.ts';
import { type HeldSeat, isClaim, isHeld } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { leaseEnd, type Subscription } from '../../domain/subscription.ts';
import type { Acquired, Holding, Refused } from '../engine/claimant.ts';
import type { DryRunResult } from '../engine/dry-run.ts';
import { checkEligibility } from '../engine/request-state.ts';
import { putRecord, voidClaim } from '../items/holder-records.ts';
import { adoptUse, claimUse, closeUse, freeUse, renewUse } from '../items/license-uses.ts';
import { readLicense } from '../items/licenses.ts';
import { touchMachine, unregisterMachine } from '../items/machines.ts';
import { readSeats } from '../items/read-seats.ts';
import { claimOf, readSession } from '../items/sessions.ts';
import { resolveLicense } from '../licensed-users/pending-licenses.ts';
import { dryRunMachine } from '../machines/machine-dry-run.ts';
import { registerMachine } from '../machines/register-machine.ts';
import { unregisterMachinesOf } from '../machines/remove-user-machines.ts';
import { endDisplacedSessions, licensedSession, voidedUse } from '../session-ends/ended-uses.ts';
import { settleLapse } from '../session-ends/lapse.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { keys, type Pool } from '../store/keys.ts';
import { type BeginAgain, retryWhileContended } from '../store/retry.ts';
import { getItems, type Table } from '../store/table.ts';

/** The longest time that one request tries, ms. */
const patienceMs = 10_000;

type LicensedAttempt = ({ outcome: 'acquired' | 'renewed' } & Holding<Session>) | Refused | BeginAgain;

/**
 * Activates a licensed user's session: it takes the license in one conditional write, also from another session of the user.
 *
 *     read      subscription, license, the session's record, the machine's; the record again, once its displaced use is ended
 *     register  the machine, unless it is registered
 *     commit    the use, on condition that the license is as it was read: the newest use wins
 *     touch     the machine: is it still registered?
 *     record    the session, on condition that its record is as it was read; and the end of the displaced session
 *
 * Safe to repeat, at once and late, as `acquire` is. It claims no seat: the license has one.
 */
export const activateLicensed = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  clock: Clock = systemClock,
): Promise<Acquired<Session>> => {
  const effort: Effort = { clock, races: 0 };
  const result = await retryWhileContended(clock, { ms: patienceMs }, async () => {
    const attempted = await attempt(table, pool, request, effort);
    if (attempted.outcome === 'again') effort.races++;
    return attempted;
  });
  // Refused after its machine was registered: no session runs there.
  if (effort.registered && result.outcome !== 'acquired' && result.outcome !== 'renewed')
    await unregisterMachine(table, pool, effort.registered, { reason: 'released', at: clock.now() });
  return { ...result, races: effort.races };
};

interface Effort {
  clock: Clock;
  races: number;
  /** The machine that this request registered. */
  registered?: Machine;
}

const readUserState = (table: Table, pool: Pool, { userId, sessionId, machineId }: SessionRequest) =>
  getItems(table, {
    subscription: keys.subscription(pool),
    license: keys.license(pool, userId),
    session: keys.session(pool, sessionId),
    machine: keys.machine(pool, machineId),
  });

/** Returns the refusal by the session's own record, if any. */
const checkSession = (session: Session | undefined): (Refused & { outcome: 'ended' }) | undefined =>
  session?.endedReason && !mayComeBack(session.endedReason)
    ? { outcome: 'ended', reason: session.endedReason }
    : undefined;

const attempt = async (table: Table, pool: Pool, request: SessionRequest, effort: Effort): Promise<LicensedAttempt> => {
  const { userId, sessionId } = request;
  const { session: asRead, ...state } = await readUserState(table, pool, request);
  const now = effort.clock.now();
  const eligibility = checkEligibility({ licenseType: 'per-user' }, state.subscription, undefined, now);
  if (eligibility.outcome !== 'eligible') return eligibility;
  const { subscription } = eligibility;
  const { license, machine } = state;
  if (license?.status === 'pending') {
    await resolveLicense(table, pool, license, now);
    return { outcome: 'again' };
  }
  if (license?.status !== 'active') {
    // The end of the license may have missed a machine that this request registered meanwhile.
    if (effort.races > 0) await unregisterMachinesOf(table, subscription, userId, now);
    return { outcome: 'not-licensed' };
  }
  // End displaced sessions before the next use replaces them on the license.
  if (license.over.length > 0) await endDisplacedSessions(table, pool, license);
  // This session's record may tell such an end only now. A request that went on from the earlier record would take the license
  // from the session that displaced this one, and be refused afterwards.
  const session = license.over.some((use) => use.sessionId === sessionId)
    ? await readSession(table, pool, sessionId)
    : asRead;
  const own = license.inUse?.sessionId === sessionId ? seatOfUse(license, license.inUse) : undefined;
  if (own && session?.status === 'ended' && isRecordOf(session, own)) {
    // An end stopped between record and use: finish it.
    await freeUse(table, pool, userId, claimOf(session));
    return { outcome: 'again' };
  }
  const refused = checkSession(session);
  if (refused) return refused;
  if (session?.status === 'active' && session.userId !== userId) {
    const others = await readLicense(table, pool, session.userId);
    // A newer session of the other member may have displaced this one: its license tells that first.
    if (others) await endDisplacedSessions(table, pool, others);
    const liveness = await settleLapse(table, pool, session, others && useSeat(others), { subscription, now });
    if (liveness.outcome !== 'live') return { outcome: 'again' };
    // A dead request left this use, and no request can record it any more.
    if (own) await freeUse(table, pool, userId, claimOf({ ...own, sessionId }));
    return { outcome: 'conflict' };
  }
  if (own) return renewOwnUse(table, pool, { request, subscription, license, session, own, now });
  return claimLicense(table, pool, { request, subscription, license, session, machine, effort });
};

/** Renews the session's own use, and records it if the request that made it did not. */
const renewOwnUse = async (
  table: Table,
  pool: Pool,
  context: {
    request: SessionRequest;
    subscription: Subscription;
    license: License;
    session: Session | undefined;
    own: HeldSeat;
    now: number;
  },
): Promise<LicensedAttempt> => {
  const { request, subscription, license, session, own, now } = context;
  const { userId, machineId } = request;
  const recordKey = keys.session(pool, request.sessionId);
  const claim = claimOf({ ...own, sessionId: request.sessionId });
  if (own.hold.machineId !== machineId) {
    // A recorded session ends at the time its lease ended.
    const { outcome } =
      session && isRecordOf(session, own)
        ? await settleLapse(table, pool, session, own, { subscription, now })
        : await closeUse(table, pool, userId, claim, { now });
    return { outcome: outcome === 'live' || outcome === 'alive' ? 'conflict' : 'again' };
  }
  const until = leaseEnd(subscription, now);
  const leaseMs = subscription.leaseSeconds * 1000;
  const renewed = await renewUse(table, pool, userId, claim, { from: now, until, leaseMs, activeAt: now });
  if (renewed.outcome === 'lost') return { outcome: 'again' };
  if (session && isRecordOf(session, own))
    return { outcome: 'renewed', seat: renewed.seat, record: session, subscription };
  // Another request of this session made the use, and is slow or dead. Perhaps it has not touched the machine yet.
  if ((await touchMachine(table, pool, { machineId, userId, now })).outcome === 'gone') {
    // Void the use first. If another request records or adopts it meanwhile, the machine's removal ends it.
    const voided = await voidClaim(table, recordKey, session, voidedUse(renewed.seat, now));
    if (voided) await freeUse(table, pool, userId, claim, license.revision);
    return { outcome: 'again' };
  }
  if (!(await adoptUse(table, pool, userId, claim))) return { outcome: 'again' };
  const record = {
    ...licensedSession(renewed.seat, session && withLeaseEnd(session, renewed.seat), now),
    startedBy: table.actor,
  };
  if ((await putRecord(table, recordKey, record, session)) === 'lost') return { outcome: 'again' };
  return { outcome: 'renewed', seat: renewed.seat, record, subscription };
};

/**
 * Takes the license, also from another session. Registers the machine before, so that a refused machine displaces no session,
 * and touches it after, so that either this request or a removal of the machine sees the other.
 */
const claimLicense = async (
  table: Table,
  pool: Pool,
  context: {
    request: SessionRequest;
    subscription: Subscription;
    license: License;
    session: Session | undefined;
    machine: Machine | undefined;
    effort: Effort;
  },
): Promise<LicensedAttempt> => {
  const { request, subscription, license, session, machine, effort } = context;
  const { clock } = effort;
  const { sessionId, userId, machineId, hostname } = request;
  if (machine?.status !== 'active') {
    const registered = await registerMachine(table, pool, subscription, { machineId, userId }, clock, {
      status: 'ended',
    });
    if (registered.outcome !== 'registered') return registered;
    effort.registered = registered.anew ?? effort.registered;
  }
  const now = clock.now();
  const use: LicenseUse = {
    sessionId,
    machineId,
    hostname,
    fence: nextUseFence(license, session),
    activatedAt: now,
    renewedAt: now,
    availableAt: leaseEnd(subscription, now),
    leaseMs: subscription.leaseSeconds * 1000,
    activeAt: now,
    claimId: randomBytes(6).toString('base64url'),
  };
  const taken = await claimUse(table, pool, license, use);
  const seat = taken && useSeat(taken);
  const claim = claimOf({ sessionId, number: license.number, fence: use.fence });
  if (!taken || !isClaim(seat, claim)) return { outcome: 'again' };
  const touched = await touchMachine(table, pool, { machineId, userId, hostname, now });
  if (touched.outcome === 'touched' && touched.machine.revision === (effort.registered?.revision ?? 0) + 1)
    // No other request has used the machine since.
    effort.registered = touched.machine;
  if (touched.outcome === 'gone') {
    await freeUse(table, pool, userId, claim, taken.revision);
    return { outcome: 'again' };
  }
  // A live record here belongs to a use that was closed after its lease had ended.
  const record = { ...licensedSession(seat, session && withLeaseEnd(session, seat), now), startedBy: table.actor };
  if ((await putRecord(table, keys.session(pool, sessionId), record, session)) === 'lost') {
    // The use was ended or voided first, or the session is another member's: no request was answered with it.
    await freeUse(table, pool, userId, claim, taken.revision);
    return { outcome: 'again' };
  }
  await endDisplacedSessions(table, pool, taken);
  return { outcome: 'acquired', seat, record, subscription };
};

/** Returns the answer that `activateLicensed` would give now. Writes nothing. */
export const dryRunLicensed = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  clock: Clock = systemClock,
): Promise<DryRunResult> => {
  const { session, license, ...state } = await readUserState(table, pool, request);
  const now = clock.now();
  const eligibility = checkEligibility({ licenseType: 'per-user' }, state.subscription, undefined, now);
  if (eligibility.outcome !== 'eligible') return eligibility;
  if (license?.status !== 'active') return { outcome: 'not-licensed' };
  const refused = checkSession(session);
  if (refused) return refused;
  const { subscription } = eligibility;
  const onMachine = async (): Promise<DryRunResult> => {
    const seats = await readSeats(table, pool, [everySeat]);
    const { machineId } = request;
    return (await dryRunMachine(table, subscription, machineId, { seats, now })) ?? { outcome: 'accepted' };
  };
  if (session?.status !== 'active') return onMachine();
  const holder = session.userId === request.userId ? license : await readLicense(table, pool, session.userId);
  const holding = holder && useSeat(holder);
  const live = holder?.status === 'active' && isClaim(holding, claimOf(session)) && isHeld(holding, now);
  const same = session.userId === request.userId && session.machineId === request.machineId;
  if (live) return { outcome: same ? 'accepted' : 'conflict' };
  return onMachine();
};
