import { createHash } from 'node:crypto';
import type { Actor } from '../../domain/accounts/actor.ts';
import type { ApiKey } from '../../domain/accounts/api-key.ts';
import type { Invitation } from '../../domain/accounts/invitation.ts';
import type { EverMember } from '../../domain/accounts/member.ts';
import type { Organization } from '../../domain/accounts/organization.ts';
import type { Recovery } from '../../domain/accounts/recovery.ts';
import type { CountedItem } from '../../domain/history/cached-usage.ts';
import type { Export } from '../../domain/history/export.ts';
import type { Refusal } from '../../domain/history/refusal.ts';
import type { Tally } from '../../domain/history/tally.ts';
import type { Session } from '../../domain/holder-record.ts';
import type { License } from '../../domain/license.ts';
import type { Machine } from '../../domain/machine.ts';
import type { OfflineLicense } from '../../domain/offline.ts';
import type { Alert } from '../../domain/outbox/alert.ts';
import type { Notice } from '../../domain/outbox/expiry-notice.ts';
import type { Mail } from '../../domain/outbox/mail.ts';
import type { Delivery, Webhook } from '../../domain/outbox/webhook.ts';
import type { Product } from '../../domain/product.ts';
import type { Seat } from '../../domain/seat.ts';
import type { Subscription } from '../../domain/subscription.ts';
import type { Pending } from '../items/pending-things.ts';
import { type Item, parse } from '../store/item.ts';
import { followedPartitions, type Key, keyOf, kindOfItem, type Pool, poolOfItem } from '../store/keys.ts';

/** A record of the table's stream: one write of one item. */
export interface StreamRecord {
  /** The same for every delivery of the record by this stream, and of no other. */
  id: string;
  /** When this stream got the write, to the second, epoch ms. */
  at: number;
  before: Item | undefined;
  after: Item | undefined;
}

/** The items whose changes have consequences, by kind. */
interface Items {
  organization: Organization;
  product: Product;
  member: EverMember;
  recovery: Recovery;
  invitation: Invitation;
  'api-key': ApiKey;
  subscription: Subscription;
  notice: Notice;
  alert: Alert;
  webhook: Webhook;
  delivery: Delivery;
  mail: Mail;
  seat: Seat;
  slot: Seat;
  session: Session;
  license: License;
  'offline-license': OfflineLicense;
  machine: Machine;
  refusal: Refusal;
  export: Export;
  tally: Tally;
  usage: CountedItem;
  'limit-window': { endsAt?: number };
  'pending-thing': Pending;
}
export type Kind = keyof Items;

/** A change of one item of these kinds. */
export type ChangeOf<K extends Kind> = {
  [P in K]: {
    kind: P;
    /** The same for every delivery of the change, by the stream of any Region, and of no other. */
    id: string;
    /** When it was made, epoch ms. */
    at: number;
    key: Key;
    /** The item's organization and product; empty if the item belongs to none. */
    pool: Pool;
    /** Undefined: the item is new. */
    before: Items[P] | undefined;
    after: Items[P];
    actor: Actor;
    actorBefore: Actor | undefined;
  };
}[K];

/** A change of one item, parsed from a record of the stream. `kind` gives the type of `before` and `after`. */
export type Change = ChangeOf<Kind>;

/** The kind of each item, by the beginning of its sort key. */
export const kinds: Readonly<Record<string, Kind>> = {
  ORG: 'organization',
  PRODUCT: 'product',
  MEMBER: 'member',
  RECOVERY: 'recovery',
  INVITATION: 'invitation',
  KEY: 'api-key',
  SUB: 'subscription',
  NOTICE: 'notice',
  ALERT: 'alert',
  WEBHOOK: 'webhook',
  DELIVERY: 'delivery',
  MAIL: 'mail',
  SEAT: 'seat',
  SLOT: 'slot',
  RECORD: 'session',
  LICENSE: 'license',
  OFFLINE: 'offline-license',
  MACHINE: 'machine',
  REFUSAL: 'refusal',
  EXPORT: 'export',
  TALLY: 'tally',
  DAY: 'usage',
  MONTH: 'usage',
  USED: 'usage',
  WINDOW: 'limit-window',
};

/**
 * Parses a record of the table's stream.
 *
 * @returns undefined for deletions, and for items whose changes have no consequences
 */
export const changeOf = ({ id, at, before, after }: StreamRecord): Change | undefined => {
  if (!after || !followedPartitions.some((prefix) => String(after.pk).startsWith(prefix))) return undefined;
  const kind = isUnmade(after) ? 'pending-thing' : kinds[kindOfItem(after)];
  if (!kind) return undefined;
  const key = keyOf(after);
  return {
    kind,
    ...(writeOf({ at, before, after }) ?? { id, at }),
    key,
    pool: poolOfItem(after),
    before: before && !isUnmade(before) ? parse(key, before) : undefined,
    after: parse(key, after),
    actor: after.actor,
    actorBefore: before?.actor,
  } as Change;
};

/** Returns whether a thing is still pending: only its completion makes it. */
const isUnmade = ({ pending }: Item): boolean => typeof pending === 'string';

/** The most by which the clock of a write and the time of its record differ, ms. Beyond it the clock was wrong. */
const mostApartMs = 60_000;

/**
 * Returns the ID and the time of a write from its item alone: each Region has a stream of its own, with other IDs and times.
 *
 * @returns undefined for an item without events, a write by a release that noted no time, and a wrong clock
 */
const writeOf = ({ at, before, after = {} }: Omit<StreamRecord, 'id'>): { id: string; at: number } | undefined => {
  const { pk, sk, writtenAt } = after;
  if (typeof writtenAt !== 'number' || writtenAt === before?.writtenAt) return undefined;
  if (Math.abs(writtenAt - at) > mostApartMs) return undefined;
  const name = [pk, sk, before?.writtenAt ?? '', writtenAt].join('\n');
  return { id: createHash('sha256').update(name).digest('hex').slice(0, 32), at: writtenAt };
};
