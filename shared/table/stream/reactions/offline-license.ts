import { utc } from '../../../domain/activation.ts';
import { claimOfLicense } from '../../offline/offline-licenses.ts';
import { claimCheck, expiryCheck } from '../due-checks.ts';
import type { Reactions } from '../reactions.ts';
import { newlyRetained } from '../retention.ts';

/** An offline license is issued, and expires or is voided. */
export const offlineLicense: Reactions<'offline-license'> = {
  /**
   * - the license was voided: was its seat freed?
   * - the license was issued: at its end, mark it as expired
   */
  due: (change) => {
    const { before, after } = change;
    const { status, voidedAt, expiresAt } = after;
    return [
      ...(voidedAt === undefined || before?.voidedAt === voidedAt
        ? []
        : [claimCheck(change, claimOfLicense(after), voidedAt)]),
      ...(status !== 'active' || before?.status === 'active' ? [] : [expiryCheck(change, expiresAt)]),
    ];
  },

  event: ({ before, after, actorBefore }) => {
    if (!before || after.status !== 'active') return undefined;
    const { id, number, machineId, usedBy, description, issuedAt, expiresAt, expiredAt, voidedAt, voidReason } = after;
    const target = { type: 'offline-license', id } as const;
    const details = { machineId, userId: usedBy, description, seat: number, expiresAt: utc(expiresAt) };
    if (before.status === 'pending')
      // By the actor of the request: any actor that meets a pending license may complete it.
      return { action: 'offline-license.issued', target, at: issuedAt, actor: actorBefore, details };
    if (before.expiredAt === undefined && expiredAt !== undefined)
      return { action: 'offline-license.expired', target, at: expiredAt, details };
    if (before.voidedAt === undefined && voidedAt !== undefined)
      return { action: 'offline-license.voided', target, at: voidedAt, details: { ...details, reason: voidReason } };
    return undefined;
  },

  /** From the expiry, also of a voided license. A claim that never became a license: from its end, until it is made anew. */
  retention: (change) =>
    newlyRetained(change, ({ status, endedAt, expiresAt, expiredAt, voidedAt, number, fence }) => {
      const since = status === 'ended' ? endedAt : voidedAt === undefined ? expiredAt : expiresAt;
      return since === undefined ? undefined : { since, unchanged: { status, number, fence } };
    }),
};
