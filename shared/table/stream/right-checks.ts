import type { ApiKey } from '../../domain/accounts/api-key.ts';
import type { EverMember } from '../../domain/accounts/member.ts';
import type { Due } from '../items/due-items.ts';
import type { Change } from '../store/change.ts';
import { kindOfItem, poolOfItem } from '../store/keys.ts';

/**
 * How long after the end of a right a request can still take a seat by it, ms: the gateway keeps the authorizer's answer for
 * 30 s, and a request tries for 24 s.
 */
export const rightLingersMs = 60_000;

/**
 * Returns the check after the end of a right (a member was removed or has another role, an API key was revoked), for the time
 * when no request can rest on that right any more. The check ends sessions and grants from in between, and finishes an
 * interrupted removal.
 */
export const rightCheckOf = ({ at, before, after }: Pick<Change, 'at' | 'before' | 'after'>): Due | undefined => {
  if (!before || !after) return undefined;
  const { organizationId } = poolOfItem(after);
  if (kindOfItem(after) === 'MEMBER') {
    const [was, { userId, role, removedAt }] = [before as unknown as EverMember, after as unknown as EverMember];
    if (removedAt !== undefined)
      return was.removedAt === removedAt
        ? undefined
        : { kind: 'member', at: removedAt + rightLingersMs, organizationId, userId, removedAt };
    const isOther = was.removedAt === undefined && was.role !== role;
    return isOther ? { kind: 'member', at: at + rightLingersMs, organizationId, userId } : undefined;
  }
  if (kindOfItem(after) === 'KEY') {
    const { id: keyId, revokedAt } = after as unknown as ApiKey;
    if (revokedAt === undefined || before.revokedAt !== undefined) return undefined;
    return { kind: 'api-key', at: revokedAt + rightLingersMs, organizationId, keyId };
  }
  return undefined;
};
