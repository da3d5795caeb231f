import type * as z from 'zod';
import type { DryRun } from '../../contracts/activate.ts';
import type { ProblemCode, ProblemFields } from '../../contracts/problems.ts';
import type { EndedReason } from '../../contracts/schemas/activation.ts';
import { utc } from '../../domain/activation.ts';
import { mayComeBack } from '../../domain/holder-record.ts';
import { type HolderKind, holderId, holderKind, noExpiry } from '../../domain/seat.ts';
import { inUse, type Occupancy, type Refused } from '../../table/engine/claimant.ts';
import type { DryRunResult } from '../../table/engine/dry-run.ts';
import {
  ForbiddenByState,
  keyLimitReached,
  limitReached,
  notFound,
  Problem,
  retryAfterSeconds,
  yourVendor,
} from './problem.ts';

/** The most holders that a refusal names. */
export const maxHolders = 100;

/**
 * Returns the fields of `license-quota-exceeded`.
 *
 * @param context.lowestNumber the lowest seat number of the request; lower numbers do not count for `nextFreeAt`
 */
export const quotaExceeded = (
  occupancy: Occupancy,
  {
    sessionId = '',
    includeHolders,
    now,
    lowestNumber = 1,
  }: { sessionId?: string; includeHolders: boolean; now: number; lowestNumber?: number },
): ProblemFields<'license-quota-exceeded'> => {
  const { subscription, held, census } = occupancy;
  const wanted = held.filter(({ number }) => number >= lowestNumber);
  const ends = (census ? [census.nextFreeAt] : wanted.map((seat) => seat.hold.availableAt)).filter(
    (end) => end < noExpiry,
  );
  const nextFreeAt = ends.length > 0 ? ends.reduce((a, b) => Math.min(a, b)) : null;
  return {
    quota: subscription.quota,
    inUse: inUse(occupancy),
    nextFreeAt: nextFreeAt === null ? null : utc(nextFreeAt),
    retryAfterSeconds: retryAfterSeconds(nextFreeAt, now, sessionId),
    ...(includeHolders && {
      holders: held.slice(0, maxHolders).map(({ number, hold }) => ({
        seat: number,
        kind: holderKind(hold.holder) as Exclude<HolderKind, 'machine'>,
        sessionId: holderKind(hold.holder) === 'session' ? holderId(hold.holder) : null,
        userId: hold.userId || null,
        machineId: hold.machineId ?? null,
        activatedAt: utc(hold.claimedAt),
        leaseExpiresAt: hold.availableAt < noExpiry ? utc(hold.availableAt) : null,
      })),
    }),
  };
};

/**
 * Returns the problem for a refused activation, grant or move: what was wrong, and what to do.
 *
 * @param context.mayWait whether the request may ask for a place in the queue
 */
export const activationProblem = (
  refused: Refused,
  context: { product: string; sessionId: string; includeHolders: boolean; mayWait?: boolean; now: number },
): Problem<ProblemCode> => {
  const { product, sessionId } = context;
  switch (refused.outcome) {
    case 'missing':
      return notFound();
    case 'suspended':
      return new Problem('subscription-suspended', `The ${product} subscription is suspended. Ask ${yourVendor()}.`);
    case 'expired':
      return new Problem(
        'subscription-expired',
        `The ${product} subscription has expired. Ask ${yourVendor()} to renew it.`,
      );
    case 'not-licensed':
      return new Problem('not-licensed', `You have no ${product} license. Ask an owner or admin to grant you one.`);
    case 'ended':
      return activationEnded(sessionId, refused.reason);
    case 'conflict':
      return new Problem(
        'session-conflict',
        `Session ${sessionId} is live on another machine or for another member. Use another sessionId, or end it first.`,
      );
    case 'stale':
    case 'contended':
      return new Problem('too-many-requests', 'Too many requests compete for these seats at once. Try again.', {
        retryAfterSeconds: 1,
      });
    case 'limited':
      return limitReached(refused.reached, 'Try again later.', context.now);
    case 'key-limited':
      return keyLimitReached(refused.reached, context);
    case 'machines-exhausted': {
      const { machineQuota, registered: registeredMachines } = refused;
      return new Problem('machine-quota-exceeded', allRegistered(product, machineQuota), {
        machineQuota,
        registeredMachines,
      });
    }
    case 'blocked':
      return new ForbiddenByState(
        `This machine was deactivated, and may not use ${product} until ${utc(refused.until)}. Use another machine.`,
      );
    case 'exhausted': {
      const fields = quotaExceeded(refused, context);
      if (fields.quota === 0) {
        const detail = `The ${product} subscription has no licenses. Ask ${yourVendor()} for some.`;
        return new Problem('license-quota-exceeded', detail, fields);
      }
      const { nextFreeAt } = fields;
      const free =
        nextFreeAt === null
          ? 'None of them ends by itself.'
          : `One may be free ${whenText(Date.parse(nextFreeAt), context.now)}.`;
      const toDo =
        nextFreeAt !== null && context.mayWait
          ? 'Send `waitSeconds` to wait in the queue'
          : 'Take one away or transfer it';
      const when = `${free} ${toDo}, or ask ${yourVendor()} for more.`;
      const { ahead = 0 } = refused;
      const before = ahead > 0 ? ` ${ahead} ${ahead === 1 ? 'waits' : 'wait'} before this session.` : '';
      const used =
        fields.inUse < fields.quota
          ? `The free ${product} licenses are reserved for waiting sessions (${fields.inUse} of ${fields.quota} held).`
          : allInUse(product, fields);
      return new Problem('license-quota-exceeded', `${used}${before} ${when}`, fields);
    }
  }
};

/** Returns a time as a text: soon in seconds from now, later in UTC. */
const whenText = (at: number, now: number): string => {
  const seconds = Math.max(1, Math.ceil((at - now) / 1000));
  return seconds <= 600 ? `in ${seconds} s` : `at ${utc(at)}`;
};

const allRegistered = (product: string, machineQuota: number): string => {
  if (machineQuota === 0) return `No machine may use ${product}. Ask ${yourVendor()} for a machine quota.`;
  const all =
    machineQuota === 1
      ? `The only machine that may use ${product} is registered. Use that one`
      : `All ${machineQuota} machines that may use ${product} are registered. Use one of them`;
  return `${all}, or ask an owner or admin to remove one that is no longer needed, or ${yourVendor()} for more.`;
};

const allInUse = (product: string, { quota, inUse }: { quota: number; inUse: number }): string => {
  const all = quota === 1 ? `The only ${product} license is in use` : `All ${quota} ${product} licenses are in use`;
  return `${all}${inUse > quota ? ` (${inUse} held)` : ''}.`;
};

/** Returns the problem's fields for the answer of a dry run. */
export const dryRunProblem = (
  refused: Exclude<DryRunResult, { outcome: 'accepted' | 'missing' }>,
  context: Parameters<typeof activationProblem>[1],
) => {
  const { code, message, fields } = activationProblem(refused, context);
  return { ...fields, code: code as z.infer<typeof DryRun>['code'], detail: message };
};

/** 409: an offline license is bound to a machine, until then (epoch ms). */
export const offlineLicenseActive = (machineId: string, until: number) =>
  new Problem(
    'offline-license-active',
    `An offline license is bound to machine ${machineId} until ${utc(until)}. It cannot be taken back or moved: wait ` +
      'for its expiry, or use another machine.',
  );

/** 410: the activation is over, why, and what to do. */
export const activationEnded = (sessionId: string, endedReason: EndedReason) => {
  const next = mayComeBack(endedReason)
    ? 'Activate again to go on.'
    : 'This session cannot come back: a new activation needs another sessionId.';
  return new Problem('activation-ended', `This activation of session ${sessionId} has ended: ${endedReason}. ${next}`, {
    endedReason,
  });
};
