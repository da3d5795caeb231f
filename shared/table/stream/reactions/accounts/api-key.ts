import { makerOf } from '../../../../domain/accounts/api-key.ts';
import { utc } from '../../../../domain/activation.ts';
import { expiryCheck, rightLingersMs } from '../../due-checks.ts';
import { changedValues } from '../../event-draft.ts';
import type { Reactions } from '../../reactions.ts';
import { newlyRetained } from '../../retention.ts';

/** An API key is made, changed, and revoked, or expires. */
export const apiKey: Reactions<'api-key'> = {
  /**
   * - the key was made: at its end, mark it as expired
   * - the key was revoked: did everything end that depended on it?
   */
  due: (change) => {
    const { before, after, pool } = change;
    const { id: keyId, expiresAt, revokedAt } = after;
    if (!before) return expiresAt === null ? undefined : [expiryCheck(change, expiresAt)];
    if (revokedAt === undefined || before.revokedAt !== undefined) return undefined;
    return [{ kind: 'api-key', at: revokedAt + rightLingersMs, organizationId: pool.organizationId, keyId }];
  },

  event: ({ before, after }) => {
    const { id, name, userId, scope, maxSessions = null, createdAt, expiresAt, revokedAt, expiredAt } = after;
    const target = { type: 'api-key', id } as const;
    const details = {
      name,
      userId,
      createdBy: makerOf(after),
      scope,
      maxSessions,
      expiresAt: expiresAt === null ? null : utc(expiresAt),
    };
    if (!before) return { action: 'api-key.created', target, at: createdAt, details };
    if (before.revokedAt === undefined && revokedAt !== undefined)
      return { action: 'api-key.revoked', target, at: revokedAt, details };
    if (before.expiredAt === undefined && expiredAt !== undefined)
      return { action: 'api-key.expired', target, at: expiredAt, details };
    // Without changes, the write noted a use of the key, or set the same values again.
    const changed = changedValues(
      { name: before.name, maxSessions: before.maxSessions ?? null },
      { name, maxSessions },
    );
    return changed && { action: 'api-key.changed', target, details: { userId, ...changed } };
  },

  /** From the revocation or the expiry: the key is never valid again. */
  retention: (change) =>
    newlyRetained(change, ({ revokedAt, expiredAt, createdAt }) => {
      const since = revokedAt ?? expiredAt;
      return since === undefined ? undefined : { since, unchanged: { createdAt } };
    }),
};
