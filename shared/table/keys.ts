import type { Numbered } from '../domain/seat.ts';

/** The attribute names of the table's primary key. */
export const tableKeys = { partition: 'pk', sort: 'sk' } as const;

export interface Key {
  pk: string;
  sk: string;
}

/** Where the reading of a range goes on: the key of the last item that was read. */
export type Position = Key;

/** A pool: the numbered items of one subscription. */
export interface Pool {
  organizationId: string;
  product: string;
  /** Which of them: its seats (default), or the slots of its machines. */
  numbered?: Numbered;
}

/** The machine slots of a pool, in which the engine treats a slot as it treats a seat. */
export const slotsOf = ({ organizationId, product }: Pool): Pool => ({ organizationId, product, numbered: 'slots' });

/** A pool as text. */
export const poolText = ({ organizationId, product }: Pool) => `${organizationId}#${product}`;

/** The pool that a seat, a slot or a record belongs to, by its key. */
export const poolOfItem = (item: { pk?: unknown; sk?: unknown }): Pool => {
  const [, organizationId = '', product = ''] = String(item.pk).split('#');
  const pool = { organizationId, product };
  return String(item.sk).startsWith('SLOT#') ? slotsOf(pool) : pool;
};

/** `SEAT#…` of a pool's seats, and so on: everything that is read together to know a pool lies in its partition. */
const poolPartition = (pool: Pool) => `POOL#${poolText(pool)}`;

/** Numbers are padded so that they sort; six digits hold every quota. */
const seatSort = ({ numbered }: Pool, number: number) =>
  `${numbered === 'slots' ? 'SLOT' : 'SEAT'}#${String(number).padStart(6, '0')}`;

/** A time (epoch ms) so that it sorts. */
const timeText = (at: number) => String(Math.max(0, at)).padStart(15, '0');

/** How many partitions the due items are spread over, so that no burst of claims heats one. */
export const dueShards = 8;

/**
 * Every key of the table. Only this file builds keys. What callers choose (ids, products) can't contain `#`; an email or
 * a token's subject may, and is therefore always the last part.
 *
 * | item | partition | sort |
 * |---|---|---|
 * | organization | `ORG#org` | `ORG` |
 * | member | `ORG#org` | `MEMBER#user` |
 * | owners | `ORG#org` | `OWNERS` |
 * | invitation | `ORG#org` | `INVITATION#invitation` |
 * | subscription | `ORG#org` | `SUB#product` |
 * | API key | `KEYS#org` | `KEY#key` |
 * | membership (of a user) | `USER#user` | `MEMBERSHIP#org` |
 * | identity (of a sign-in) | `SUBJECT#sub` | `IDENTITY` |
 * | mailbox (of a person) | `EMAIL#email` | `MAILBOX` |
 * | seat | `POOL#org#product` | `SEAT#000001` |
 * | license (of a user) | `POOL#org#product` | `LICENSE#user` |
 * | machine | `POOL#org#product` | `MACHINE#machine` |
 * | machine slot | `POOL#org#product` | `SLOT#000001` |
 * | offline license | `POOL#org#product` | `OFFLINE#license` |
 * | session record | `SESSION#org#product#session` | `RECORD` |
 * | due item | `DUE#shard` | `time#what` |
 * | plan to purge an item | `PAST#shard` | `time#what` |
 * | notice (of a subscription’s end) | `NOTICE#org#product` | `end#days` |
 * | the service's own secret | `SERVICE` | `SECRET` |
 */
export const keys = {
  organization: (organizationId: string): Key => ({ pk: `ORG#${organizationId}`, sk: 'ORG' }),
  member: (organizationId: string, userId: string): Key => ({ pk: `ORG#${organizationId}`, sk: `MEMBER#${userId}` }),
  owners: (organizationId: string): Key => ({ pk: `ORG#${organizationId}`, sk: 'OWNERS' }),
  invitation: (organizationId: string, id: string): Key => ({ pk: `ORG#${organizationId}`, sk: `INVITATION#${id}` }),
  subscription: ({ organizationId, product }: Pool): Key => ({ pk: `ORG#${organizationId}`, sk: `SUB#${product}` }),
  apiKey: (organizationId: string, keyId: string): Key => ({ pk: `KEYS#${organizationId}`, sk: `KEY#${keyId}` }),
  membership: (userId: string, organizationId: string): Key => ({
    pk: `USER#${userId}`,
    sk: `MEMBERSHIP#${organizationId}`,
  }),
  identity: (subject: string): Key => ({ pk: `SUBJECT#${subject}`, sk: 'IDENTITY' }),
  mailbox: (email: string): Key => ({ pk: `EMAIL#${email}`, sk: 'MAILBOX' }),
  seat: (pool: Pool, number: number): Key => ({ pk: poolPartition(pool), sk: seatSort(pool, number) }),
  license: (pool: Pool, userId: string): Key => ({ pk: poolPartition(pool), sk: `LICENSE#${userId}` }),
  machine: (pool: Pool, machineId: string): Key => ({ pk: poolPartition(pool), sk: `MACHINE#${machineId}` }),
  offlineLicense: (pool: Pool, id: string): Key => ({ pk: poolPartition(pool), sk: `OFFLINE#${id}` }),
  session: (pool: Pool, sessionId: string): Key => ({ pk: `SESSION#${poolText(pool)}#${sessionId}`, sk: 'RECORD' }),
  due: (shard: number, at: number, what: string): Key => ({ pk: `DUE#${shard}`, sk: `${timeText(at)}#${what}` }),
  past: (shard: number, since: number, what: string): Key => ({
    pk: `PAST#${shard}`,
    sk: `${timeText(since)}#${what}`,
  }),
  /** `end`: epoch ms; `step`: how many days before it. */
  notice: (pool: Pool, end: number, step: number): Key => ({
    pk: `NOTICE#${poolText(pool)}`,
    sk: `${timeText(end)}#${String(step).padStart(2, '0')}`,
  }),
  serviceSecret: (): Key => ({ pk: 'SERVICE', sk: 'SECRET' }),
};

/** The ranges that are queried: a partition, and the sort keys from `from` to `to`, both included. */
export interface KeyRange {
  pk: string;
  from: string;
  to: string;
}

/** Everything whose sort key begins with a prefix that ends in `#`: up to `$`, the character after it. */
const under = (pk: string, prefix: `${string}#`): KeyRange => ({ pk, from: prefix, to: `${prefix.slice(0, -1)}$` });

export const ranges = {
  /** Seats, or slots, `first`..`last` of a pool. */
  seats: (pool: Pool, first: number, last: number): KeyRange => ({
    pk: poolPartition(pool),
    from: seatSort(pool, first),
    to: seatSort(pool, last),
  }),
  licenses: (pool: Pool) => under(poolPartition(pool), 'LICENSE#'),
  machines: (pool: Pool) => under(poolPartition(pool), 'MACHINE#'),
  offlineLicenses: (pool: Pool) => under(poolPartition(pool), 'OFFLINE#'),
  members: (organizationId: string) => under(`ORG#${organizationId}`, 'MEMBER#'),
  invitations: (organizationId: string) => under(`ORG#${organizationId}`, 'INVITATION#'),
  subscriptions: (organizationId: string) => under(`ORG#${organizationId}`, 'SUB#'),
  apiKeys: (organizationId: string) => under(`KEYS#${organizationId}`, 'KEY#'),
  memberships: (userId: string) => under(`USER#${userId}`, 'MEMBERSHIP#'),
  /** What is due in a shard until `now` (epoch ms). */
  due: (shard: number, now: number): KeyRange => ({ pk: `DUE#${shard}`, from: '0', to: `${timeText(now)}~` }),
  /** What has been history in a shard since `before` (epoch ms), or longer. */
  past: (shard: number, before: number): KeyRange => ({ pk: `PAST#${shard}`, from: '0', to: `${timeText(before)}~` }),
};
