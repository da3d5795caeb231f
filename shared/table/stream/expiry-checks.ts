import type { ApiKey } from '../../domain/accounts/api-key.ts';
import type { Invitation } from '../../domain/accounts/invitation.ts';
import type { OfflineLicense } from '../../domain/offline.ts';
import { stepAt, warningsAhead } from '../../domain/outbox/expiry-notice.ts';
import type { Subscription } from '../../domain/subscription.ts';
import type { Due } from '../items/due-items.ts';
import type { Change } from '../store/change.ts';
import type { Key } from '../store/keys.ts';
import type { Item } from '../store/table.ts';

const startsWith = (item: Item, prefix: string) => String(item.sk).startsWith(prefix);

/**
 * What comes to its end because of a change, and when.
 *
 * - a subscription has a new end: warnings before it, and at it its sessions stop and it is told
 * - an invitation was made, or made anew, an API key was made, an offline license became one: at the end it is marked
 *
 * Each is about the one end that was set: once that is another, it says nothing any more.
 */
export const expiriesOf = ({ at, before, after }: Pick<Change, 'at' | 'before' | 'after'>): Due[] => {
  if (!after) return [];
  if (startsWith(after, 'SUB#')) {
    const { organizationId, product, expiresAt } = after as unknown as Subscription;
    if (before?.expiresAt === expiresAt) return [];
    const pool = { organizationId, product };
    const warnings = warningsAhead(expiresAt, at).map(
      (step): Due => ({ kind: 'warning', pool, at: stepAt(expiresAt, step), step, expiresAt }),
    );
    // An end that had passed when it was set came with the setting.
    return [...warnings, { kind: 'subscription', pool, at: Math.max(expiresAt, at) }];
  }
  if (startsWith(after, 'INVITATION#')) {
    const { secretHash, expiresAt } = after as unknown as Invitation;
    return before?.secretHash === secretHash ? [] : [endOf(after, expiresAt)];
  }
  if (startsWith(after, 'KEY#')) {
    const { expiresAt } = after as unknown as ApiKey;
    return before || expiresAt === null ? [] : [endOf(after, expiresAt)];
  }
  if (startsWith(after, 'OFFLINE#')) {
    const { status, expiresAt } = after as unknown as OfflineLicense;
    return status !== 'active' || before?.status === 'active' ? [] : [endOf(after, expiresAt)];
  }
  return [];
};

const endOf = (item: Item, at: number): Due => {
  const { pk, sk } = item as Item & Key;
  return { kind: 'end', at, key: { pk, sk } };
};
