import type { ApiKey } from '../../domain/accounts/api-key.ts';
import type { Invitation } from '../../domain/accounts/invitation.ts';
import type { EverMember } from '../../domain/accounts/member.ts';
import type { Recovery } from '../../domain/accounts/recovery.ts';
import type { CountedItem } from '../../domain/history/cached-usage.ts';
import type { Export } from '../../domain/history/export.ts';
import { historyOf } from '../../domain/history/session-history.ts';
import type { Tally } from '../../domain/history/tally.ts';
import type { Session } from '../../domain/holder-record.ts';
import type { OfflineLicense } from '../../domain/offline.ts';
import type { Notice } from '../../domain/outbox/expiry-notice.ts';
import type { Change } from '../store/change.ts';
import type { Key } from '../store/keys.ts';
import type { Item } from '../store/table.ts';
import type { Retained } from './purge.ts';

/**
 * Since when an item is history, and what it stays while it is. Undefined: it is none.
 *
 * @param at when it became what it is, for those that do not say (epoch ms)
 */
type RetentionRule = (item: Item, at: number) => Omit<Retained, 'key'> | undefined;

/**
 * A session's claim that was never told to anybody, until it comes back, with a new fence. (The record of one that was
 * goes with the history of its day; so long its end answers 204 or 410.)
 */
const session: RetentionRule = (item) => {
  const { status, endedAt, number, fence } = item as unknown as Session;
  if (status !== 'ended' || endedAt === undefined) return undefined;
  return { since: endedAt, unchanged: { status, number, fence } };
};

/**
 * Makes an expired or voided offline license history from its expiry on, and a claim that never became a license until it is
 * made anew.
 */
const offlineLicense: RetentionRule = (item) => {
  const { status, endedAt, expiresAt, expiredAt, voidedAt, number, fence } = item as unknown as OfflineLicense;
  const since = status === 'ended' ? endedAt : voidedAt === undefined ? expiredAt : expiresAt;
  return since === undefined ? undefined : { since, unchanged: { status, number, fence } };
};

/** An invitation that was used or revoked or has expired, until its address is invited anew. */
const invitation: RetentionRule = (item, at) => {
  const { acceptedBy, revokedAt, expiredAt, invitedAt } = item as unknown as Invitation;
  const since = revokedAt ?? expiredAt ?? (acceptedBy === undefined ? undefined : at);
  return since === undefined ? undefined : { since, unchanged: { invitedAt } };
};

/** An API key that was revoked or has expired: it is never good again. */
const apiKey: RetentionRule = (item) => {
  const { revokedAt, expiredAt, createdAt } = item as unknown as ApiKey;
  const since = revokedAt ?? expiredAt;
  return since === undefined ? undefined : { since, unchanged: { createdAt } };
};

/** Who was removed, until it is a member again. What names it ended with its membership, and goes at the same time. */
const member: RetentionRule = (item) => {
  const { removedAt } = item as unknown as EverMember;
  return removedAt === undefined ? undefined : { since: removedAt, unchanged: { removedAt } };
};

/** Makes a recovery history from the end of its time to complete, until another one takes its place. */
const recovery: RetentionRule = (item) => {
  const { id, expiresAt } = item as unknown as Recovery;
  return { since: expiresAt, unchanged: { id } };
};

const notice: RetentionRule = (item) => {
  const { noticedAt } = item as unknown as Notice;
  return { since: noticedAt, unchanged: { noticedAt } };
};

/** What was counted, since the end of its interval: as long as what it was counted from. */
const usage: RetentionRule = (item) => {
  const { at, until } = item as unknown as CountedItem;
  return { since: until, unchanged: { at } };
};

/** Makes a file's export history from its time on. */
const exported: RetentionRule = (item) => {
  const { at } = item as unknown as Export;
  return { since: at, unchanged: { at } };
};

/** Makes an hour's count history from that hour on. */
const tally: RetentionRule = (item) => {
  const { hour } = item as unknown as Tally;
  return { since: hour, unchanged: { hour } };
};

/** Makes the count of a limit history once its window is over. */
const limitWindow: RetentionRule = (item) => {
  const { endsAt } = item as { endsAt?: number };
  return endsAt === undefined ? undefined : { since: endsAt, unchanged: { endsAt } };
};

/** Which items become history, by how their partition or sort key begins. */
const kinds: readonly { attribute: 'pk' | 'sk'; prefix: string; asPast: RetentionRule }[] = [
  { attribute: 'pk', prefix: 'SESSION#', asPast: session },
  { attribute: 'pk', prefix: 'NOTICE#', asPast: notice },
  { attribute: 'pk', prefix: 'USAGE#', asPast: usage },
  { attribute: 'sk', prefix: 'WINDOW#', asPast: limitWindow },
  { attribute: 'sk', prefix: 'OFFLINE#', asPast: offlineLicense },
  { attribute: 'sk', prefix: 'INVITATION#', asPast: invitation },
  { attribute: 'sk', prefix: 'KEY#', asPast: apiKey },
  { attribute: 'sk', prefix: 'MEMBER#', asPast: member },
  { attribute: 'sk', prefix: 'RECOVERY#', asPast: recovery },
  { attribute: 'sk', prefix: 'EXPORT#', asPast: exported },
  { attribute: 'sk', prefix: 'TALLY#', asPast: tally },
];

/** Whether a change of a session's record ends the very activation that it stands for, which then is in the history. */
const endsTold = (before: Item | undefined, after: Item): boolean =>
  historyOf(before as Session | undefined, after as unknown as Session).ended?.fence === after.fence;

/** What a change makes history; undefined if nothing, or if it was before. */
export const retentionOf = ({ at, before, after }: Pick<Change, 'at' | 'before' | 'after'>): Retained | undefined => {
  if (!after) return undefined;
  const kind = kinds.find(({ attribute, prefix }) => String(after[attribute]).startsWith(prefix));
  const past = kind?.asPast(after, at);
  if (!kind || !past) return undefined;
  if (kind.asPast === session && endsTold(before, after)) return undefined;
  const was = before && kind.asPast(before, at);
  if (was && Object.entries(past.unchanged).every(([name, value]) => was.unchanged[name] === value)) return undefined;
  const { pk, sk } = after as Item & Key;
  return { key: { pk, sk }, ...past };
};
