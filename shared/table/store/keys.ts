import type { SecretPurpose } from '../../contracts/table-grant.ts';
import type { ApiKey } from '../../domain/accounts/api-key.ts';
import type { Invitation, PendingInvitation } from '../../domain/accounts/invitation.ts';
import type { Appointment, EverMember, Mailbox, Membership, Owners } from '../../domain/accounts/member.ts';
import type { Organization } from '../../domain/accounts/organization.ts';
import type { Recovery } from '../../domain/accounts/recovery.ts';
import type { Census } from '../../domain/census.ts';
import type { AuditEvent } from '../../domain/history/audit.ts';
import type { CachedInterval, CachedUsage, UsedItem } from '../../domain/history/cached-usage.ts';
import type { Export } from '../../domain/history/export.ts';
import type { QuotaSet } from '../../domain/history/quotas.ts';
import type { Refusal } from '../../domain/history/refusal.ts';
import type { EndedSession, RunningSession } from '../../domain/history/session-history.ts';
import type { Tally } from '../../domain/history/tally.ts';
import type { Granularity } from '../../domain/history/usage.ts';
import type { Session } from '../../domain/holder-record.ts';
import type { License } from '../../domain/license.ts';
import type { Machine } from '../../domain/machine.ts';
import type { OfflineLicense } from '../../domain/offline.ts';
import type { Alert } from '../../domain/outbox/alert.ts';
import type { Notice } from '../../domain/outbox/expiry-notice.ts';
import type { Mail } from '../../domain/outbox/mail.ts';
import type { Delivery, Webhook } from '../../domain/outbox/webhook.ts';
import type { SoldSubscription } from '../../domain/portfolio.ts';
import type { Product } from '../../domain/product.ts';
import type { Entry, Ticket } from '../../domain/queue.ts';
import type { Numbered, Seat } from '../../domain/seat.ts';
import type { Subscription } from '../../domain/subscription.ts';

/** The attribute names of the table's primary key. */
export const tableKeys = { partition: 'pk', sort: 'sk' } as const;

declare const typeOfItem: unique symbol;

/** Where a read of a range continues: the key of the last item that was read. */
export interface Position {
  pk: string;
  sk: string;
}

/** The part of a list to read: at most `limit` items, after a position. */
export interface PageRequest {
  limit: number;
  after?: Position;
}

/** A page of a list. `next`: where the list continues; absent at its end. */
export interface Page<T> {
  items: T[];
  next?: Position;
}

/** The key of an item of type `T`: gives reads and writes their type. */
export interface Key<T = unknown> extends Position {
  /** For the compiler alone: no key has it. */
  readonly [typeOfItem]: T;
}

const key = <T>(pk: string, sk: string) => ({ pk, sk }) as Key<T>;

/** Returns the key of a stored item. */
export const keyOf = <T>({ pk, sk }: { pk?: unknown; sk?: unknown }): Key<T> => key(String(pk), String(sk));

/** A pool: the numbered items of one subscription. */
export interface Pool {
  organizationId: string;
  product: string;
  /** Its seats (default), or its machine slots. */
  numbered?: Numbered;
}

/** Returns the machine slots of a pool. The engine treats a slot like a seat. */
export const slotsOf = ({ organizationId, product }: Pool): Pool => ({ organizationId, product, numbered: 'slots' });

export const poolText = ({ organizationId, product }: Pool) => `${organizationId}#${product}`;

/** Returns the pool of an item, from its key. */
export const poolOfItem = (item: { pk?: unknown; sk?: unknown }): Pool => {
  const [, organizationId = '', product = ''] = String(item.pk).split('#');
  const pool = { organizationId, product };
  return String(item.sk).startsWith('SLOT#') ? slotsOf(pool) : pool;
};

/** Returns the kind of an item, from its key: `SEAT`, `MEMBER`, `RECORD` (of a session), and so on. */
export const kindOfItem = (item: { sk?: unknown }): string => String(item.sk).split('#', 1)[0] as string;

/** Returns the organization of an entry of the list of organizations. */
export const organizationOfEntry = (item: { sk?: unknown }): string => String(item.sk).split('#')[1] as string;

/**
 * A pool's seats, licenses, machines, tickets: the items that requests read together.
 *
 * @param block from the second on: a block of seats in a partition of its own
 */
const poolPartition = (pool: Pool, block = 1) => `POOL#${poolText(pool)}${block > 1 ? `#${blockText(block)}` : ''}`;

const blockText = (block: number) => String(block).padStart(3, '0');

/** Returns the block of a position in a pool's seats. */
export const blockAt = ({ pk }: Position): number => Number(pk.split('#')[3] ?? 1);

/** Returns the position before the first seat of a block. */
export const beginningOf = (pool: Pool, block: number): Position => ({ pk: poolPartition(pool, block), sk: '' });

/** Numbers are padded so that they sort. Six digits hold every quota. */
const seatSort = ({ numbered }: Pool, number: number) =>
  `${numbered === 'slots' ? 'SLOT' : 'SEAT'}#${String(number).padStart(6, '0')}`;

/** Times (epoch ms) are padded so that they sort. */
const timeSort = (at: number) => String(Math.max(0, at)).padStart(15, '0');

type Arrival = Pick<Entry, 'arrivedAt' | 'sessionId'>;
const entrySort = ({ arrivedAt, sessionId }: Arrival) => `LINE#${timeSort(arrivedAt)}#${sessionId}`;

/** An organization's events of one day (UTC). No partition grows for ever, and the purge deletes whole days. */
const auditPartition = (organizationId: string, at: number) =>
  `AUDIT#${organizationId}#${new Date(at).toISOString().slice(0, 10)}`;

/** Returns the time (epoch ms) and the ID of an event at a position. */
export const positionOfEvent = ({ sk }: Position): { at: number; id: string } => {
  const [at, id = ''] = sk.split('#');
  return { at: Number(at), id };
};

export interface WebhookName {
  organizationId: string;
  id: string;
}
export interface DeliveryName extends WebhookName {
  webhookId: string;
}

export interface MailName {
  organizationId: string;
  id: string;
}

/** A list of the ended sessions of a product, as earlier releases stored them: all, or those of one user or machine. */
export type HistoryOf = { userId?: string } | { machineId: string };

const historyPartition = (pool: Pool, of: HistoryOf = {}) => {
  const all = `HISTORY#${poolText(pool)}`;
  if ('machineId' in of) return `${all}#MACHINE#${of.machineId}`;
  return of.userId === undefined ? all : `${all}#USER#${of.userId}`;
};

/** The sort key of an activation in the history. */
export interface Started {
  sessionId: string;
  fence: number;
  /** Epoch ms. */
  startedAt: number;
}

export const startedSort = ({ startedAt, sessionId, fence }: Started) => `${timeSort(startedAt)}#${sessionId}#${fence}`;

/** Returns the position of an activation, live or ended, in the list of all sessions. */
export const sessionPosition = (pool: Pool, session: Started): Position => ({
  pk: poolText(pool),
  sk: startedSort(session),
});

/** Returns the activation at a position of any list of the history. */
export const startedOf = ({ sk }: Position): Started => {
  const [startedAt, sessionId = '', fence] = sk.split('#').slice(-3);
  return { startedAt: Number(startedAt), sessionId, fence: Number(fence) };
};

const usagePartition = (pool: Pool) => `USAGE#${poolText(pool)}`;
const usageSort = (granularity: Granularity, at: number) => `${granularity.toUpperCase()}#${timeSort(at)}`;

/** Returns the beginning of the interval at a position, epoch ms. */
export const intervalAt = ({ sk }: Position): number => Number(sk.split('#')[1]);

/**
 * The partition prefixes that the stream function processes. It writes the items of the others itself: ended sessions, events,
 * due items and plans.
 */
export const followedPartitions = [
  'ORG#',
  'CATALOGUE',
  'KEYS#',
  'POOL#',
  'SESSION#',
  'REFUSAL#',
  'WEBHOOKS#',
  'DELIVERIES#',
  'NOTICE#',
  'MAILS#',
  'USAGE#',
  'TRAIL#',
  'LIMITS#',
] as const;

/** The kinds of items whose changes make events. */
const eventful: ReadonlySet<string> = new Set([
  'ORG',
  'PRODUCT',
  'MEMBER',
  'RECOVERY',
  'INVITATION',
  'KEY',
  'SUB',
  'NOTICE',
  'ALERT',
  'WEBHOOK',
  'RECORD',
  'LICENSE',
  'OFFLINE',
  'MACHINE',
  'REFUSAL',
  'EXPORT',
  'TALLY',
]);

/** Returns whether changes of an item make events. Seats and slots make none: their sessions and machines do. */
export const makesEvents = (item: { sk?: unknown }): boolean => eventful.has(kindOfItem(item));

/** An entry of the list of all organizations. */
type Listed = Pick<Membership, 'organizationId'>;

/** An organization that a request with an idempotency key creates. */
interface Creation {
  id: string;
  /** Epoch ms. */
  createdAt: number;
  /** The hash of the request's fields. */
  request: string;
}

/** How far the schedule's walk over all subscriptions is. */
export interface Survey {
  /** When the walk began, epoch ms. */
  startedAt: number;
  /** Where it continues; absent once it is through. */
  after?: Position;
}

/** The count of a limit in a window: `counted`, or the counted `ids`. */
export interface LimitWindow {
  /** Epoch ms. */
  endsAt?: number;
  counted?: number;
  /** The name of the last count, unless it was given back. */
  lastCount?: string;
  ids?: ReadonlySet<string>;
}

/** The names of the live things that a limit counts, and of pending ones. */
export interface LimitList {
  version?: number;
  things?: ReadonlySet<string>;
  /** The ID of the thing that joined last. */
  lastJoin?: string;
}

/** A version of a secret; `secret` is base64. */
export interface StoredSecret {
  version: number;
  secret: string;
  /** Epoch ms. */
  createdAt: number;
}

/** The number of partitions for due items, so that no burst of claims heats one. */
export const dueShards = 8;

/**
 * Every key of the table. Only this file builds keys. Ids and products that callers choose can't contain `#`. An email or
 * a token's subject may, and is therefore always the last part.
 *
 * `docs/access-patterns.md` lists the keys. A test compares the two.
 */
export const keys = {
  organization: (organizationId: string): Key<Organization> => key(`ORG#${organizationId}`, 'ORG'),
  listedOrganization: (organizationId: string): Key<Listed> => key('ORGANIZATIONS', `LISTED#${organizationId}`),
  creation: (name: string): Key<Creation> => key('ORGANIZATIONS', `CREATION#${name}`),
  member: (organizationId: string, userId: string): Key<EverMember> => key(`ORG#${organizationId}`, `MEMBER#${userId}`),
  owners: (organizationId: string): Key<Owners> => key(`ORG#${organizationId}`, 'OWNERS'),
  /** A role that is being given. */
  appointment: (organizationId: string, id: string): Key<Appointment> =>
    key(`ORG#${organizationId}`, `APPOINTMENT#${id}`),
  invitation: (organizationId: string, id: string): Key<Invitation> => key(`ORG#${organizationId}`, `INVITATION#${id}`),
  pendingInvitation: (email: string, organizationId: string): Key<PendingInvitation> =>
    key(`EMAIL#${email}`, `INVITED#${organizationId}`),
  alert: ({ organizationId, product }: Pool): Key<Alert> => key(`ORG#${organizationId}`, `ALERT#${product}`),
  recovery: (organizationId: string, userId: string): Key<Recovery> =>
    key(`ORG#${organizationId}`, `RECOVERY#${userId}`),
  subscription: ({ organizationId, product }: Pool): Key<Subscription> =>
    key(`ORG#${organizationId}`, `SUB#${product}`),
  soldSubscription: ({ organizationId, product }: Pool): Key<SoldSubscription> =>
    key('PORTFOLIO', `SOLD#${organizationId}#${product}`),
  product: (code: string): Key<Product> => key('CATALOGUE', `PRODUCT#${code}`),
  survey: (): Key<Survey> => key('PORTFOLIO', 'SURVEY'),
  /** `of` is the last part: an address may contain `#`. */
  limitWindow: (
    organizationId: string,
    { limit, of, startsAt }: { limit: string; of: string; startsAt: number },
  ): Key<LimitWindow> => key(`LIMITS#${organizationId}`, `WINDOW#${limit}#${timeSort(startsAt)}#${of}`),
  listOfApiKeys: (organizationId: string, userId: string): Key<LimitList> =>
    key(`LIMITS#${organizationId}`, `KEYS#${userId}`),
  listOfWebhooks: (organizationId: string): Key<LimitList> => key(`LIMITS#${organizationId}`, 'WEBHOOKS'),
  apiKey: (organizationId: string, keyId: string): Key<ApiKey> => key(`KEYS#${organizationId}`, `KEY#${keyId}`),
  membership: (userId: string, organizationId: string): Key<Membership> =>
    key(`USER#${userId}`, `MEMBERSHIP#${organizationId}`),
  identity: (subject: string): Key<{ userId: string }> => key(`SUBJECT#${subject}`, 'IDENTITY'),
  mailbox: (email: string): Key<Mailbox> => key(`EMAIL#${email}`, 'MAILBOX'),
  /** `block`: of a seat in a partition of its own. `shared/table/items/blocks.ts` knows it. */
  seat: (pool: Pool, number: number, block?: number): Key<Seat> =>
    key(poolPartition(pool, block), seatSort(pool, number)),
  /** How many blocks of a pool may have seats in partitions of their own. It is read with the pool's seats, after the last. */
  blocks: (pool: Pool): Key<{ blocks: number }> => key(poolPartition(pool), 'SEATS'),
  /** A block's copy of the subscription. */
  terms: (pool: Pool, block: number): Key<Subscription> => key(poolPartition(pool, block), 'TERMS'),
  census: (pool: Pool, block: number): Key<Census> => key(poolPartition(pool), `CENSUS#${blockText(block)}`),
  license: (pool: Pool, userId: string): Key<License> => key(poolPartition(pool), `LICENSE#${userId}`),
  machine: (pool: Pool, machineId: string): Key<Machine> => key(poolPartition(pool), `MACHINE#${machineId}`),
  offlineLicense: (pool: Pool, id: string): Key<OfflineLicense> => key(poolPartition(pool), `OFFLINE#${id}`),
  ticket: (pool: Pool, sessionId: string): Key<Ticket> => key(poolPartition(pool), `WAIT#${sessionId}`),
  entry: (pool: Pool, entry: Arrival): Key<Entry> => key(poolPartition(pool), entrySort(entry)),
  session: (pool: Pool, sessionId: string): Key<Session> => key(`SESSION#${poolText(pool)}#${sessionId}`, 'RECORD'),
  webhook: ({ organizationId, id }: WebhookName): Key<Webhook> => key(`WEBHOOKS#${organizationId}`, `WEBHOOK#${id}`),
  delivery: ({ organizationId, webhookId, id }: DeliveryName): Key<Delivery> =>
    key(`DELIVERIES#${organizationId}#${webhookId}`, `DELIVERY#${id}`),
  mail: ({ organizationId, id }: MailName): Key<Mail> => key(`MAILS#${organizationId}`, `MAIL#${id}`),
  past: <T>(shard: number, since: number, what: string): Key<T> => key(`PAST#${shard}`, `${timeSort(since)}#${what}`),
  /** `end`: epoch ms; `step`: days before it. */
  notice: (pool: Pool, end: number, step: number): Key<Notice> =>
    key(`NOTICE#${poolText(pool)}`, `NOTICE#${timeSort(end)}#${String(step).padStart(2, '0')}`),
  auditEvent: (organizationId: string, at: number, id: string): Key<{ event: AuditEvent }> =>
    key(auditPartition(organizationId, at), `${timeSort(at)}#${id}`),
  refusal: (pool: Pool, sessionId: string, reason: string): Key<Refusal> =>
    key(`REFUSAL#${poolText(pool)}#${sessionId}`, `REFUSAL#${reason}`),
  refused: (pool: Pool, at: number, sessionId: string, reason: string): Key<Refusal> =>
    key(`REFUSED#${poolText(pool)}`, `${timeSort(at)}#${sessionId}#${reason}`),
  /** An active session, as earlier releases stored it. */
  formerRunningSession: (pool: Pool, session: Started): Key<RunningSession> =>
    key(`RUNNING#${poolText(pool)}`, startedSort(session)),
  /** `durationClass`: of the session's duration. */
  endedSession: (pool: Pool, session: Started, durationClass: number): Key<EndedSession> =>
    key(historyPartition(pool), `LASTED#${durationClass}#${startedSort(session)}`),
  formerEndedSession: (pool: Pool, session: Started, of?: HistoryOf): Key<EndedSession> =>
    key(historyPartition(pool, of), `ENDED#${startedSort(session)}`),
  /** `day`: its beginning, epoch ms. */
  formerCarriedSession: (pool: Pool, session: Started, day: number): Key<EndedSession> =>
    key(historyPartition(pool), `CARRIED#${timeSort(day)}#${startedSort(session)}`),
  usage: <G extends Granularity>(pool: Pool, granularity: G, at: number): Key<CachedInterval<CachedUsage[G]>> =>
    key(usagePartition(pool), usageSort(granularity, at)),
  quotaSet: (pool: Pool, at: number): Key<QuotaSet> => key(usagePartition(pool), `QUOTA#${timeSort(at)}`),
  /** `version`: of the usage of the same day. */
  used: (pool: Pool, day: number, version: number, part: number): Key<UsedItem> =>
    key(usagePartition(pool), `USED#${timeSort(day)}#${version}#${part}`),
  export: (pool: Pool, at: number, id: string): Key<Export> =>
    key(`TRAIL#${poolText(pool)}`, `EXPORT#${timeSort(at)}#${id}`),
  /** `hour`: its beginning, epoch ms. */
  tally: (organizationId: string, hour: number, what: string): Key<Tally> =>
    key(`TRAIL#${organizationId}`, `TALLY#${timeSort(hour)}#${what}`),
  due: <T>(shard: number, at: number, what: string): Key<T> => key(`DUE#${shard}`, `${timeSort(at)}#${what}`),
  secret: (purpose: SecretPurpose, version: number): Key<StoredSecret> =>
    key(`SECRET#${purpose}`, `VERSION#${String(version).padStart(6, '0')}`),
  formerSecret: (): Key<Pick<StoredSecret, 'secret'>> => key('SERVICE', 'SECRET'),
};

/** A range of a partition: the sort keys from `from` to `to`, both included. */
export interface KeyRange<T = unknown> {
  pk: string;
  from: string;
  to: string;
  /** For the compiler alone: no range has it. */
  readonly [typeOfItem]?: T;
}

const between = <T>(pk: string, from: string, to: string): KeyRange<T> => ({ pk, from, to });

/** Returns the range of a prefix that ends in `#`: up to `$`, the character after it. */
const under = <T>(pk: string, prefix: `${string}#`): KeyRange<T> => ({
  pk,
  from: prefix,
  to: `${prefix.slice(0, -1)}$`,
});

export const ranges = {
  /** Seats, or slots, `first`..`last` of a pool; or those of a block in a partition of its own. */
  seats: (pool: Pool, first: number, last: number, block?: number): KeyRange<Seat> =>
    between(poolPartition(pool, block), seatSort(pool, first), seatSort(pool, last)),
  /** The seats, or slots, from `first` on in a pool's partition, and after them the number of its blocks, if it has several. */
  seatsAndBlocks: (pool: Pool, first: number): KeyRange<Seat | { blocks: number }> =>
    between(poolPartition(pool), seatSort(pool, first), pool.numbered === 'slots' ? 'SLOT$' : 'SEATS'),
  censuses: (pool: Pool): KeyRange<Census> => under(poolPartition(pool), 'CENSUS#'),
  licenses: (pool: Pool): KeyRange<License> => under(poolPartition(pool), 'LICENSE#'),
  machines: (pool: Pool): KeyRange<Machine> => under(poolPartition(pool), 'MACHINE#'),
  offlineLicenses: (pool: Pool): KeyRange<OfflineLicense> => under(poolPartition(pool), 'OFFLINE#'),
  tickets: (pool: Pool): KeyRange<Ticket> => under(poolPartition(pool), 'WAIT#'),
  entries: (pool: Pool): KeyRange<Entry> => under(poolPartition(pool), 'LINE#'),
  /** The entries up to one, that one included. */
  entriesTo: (pool: Pool, last: Arrival): KeyRange<Entry> => between(poolPartition(pool), 'LINE#', entrySort(last)),
  organizations: (): KeyRange<Listed> => under('ORGANIZATIONS', 'LISTED#'),
  products: (): KeyRange<Product> => under('CATALOGUE', 'PRODUCT#'),
  soldSubscriptions: (): KeyRange<SoldSubscription> => under('PORTFOLIO', 'SOLD#'),
  members: (organizationId: string): KeyRange<EverMember> => under(`ORG#${organizationId}`, 'MEMBER#'),
  appointments: (organizationId: string): KeyRange<Appointment> => under(`ORG#${organizationId}`, 'APPOINTMENT#'),
  invitations: (organizationId: string): KeyRange<Invitation> => under(`ORG#${organizationId}`, 'INVITATION#'),
  pendingInvitations: (email: string): KeyRange<PendingInvitation> => under(`EMAIL#${email}`, 'INVITED#'),
  recoveries: (organizationId: string): KeyRange<Recovery> => under(`ORG#${organizationId}`, 'RECOVERY#'),
  subscriptions: (organizationId: string): KeyRange<Subscription> => under(`ORG#${organizationId}`, 'SUB#'),
  apiKeys: (organizationId: string): KeyRange<ApiKey> => under(`KEYS#${organizationId}`, 'KEY#'),
  webhooks: (organizationId: string): KeyRange<Webhook> => under(`WEBHOOKS#${organizationId}`, 'WEBHOOK#'),
  deliveries: (webhook: WebhookName): KeyRange<Delivery> =>
    under(`DELIVERIES#${webhook.organizationId}#${webhook.id}`, 'DELIVERY#'),
  secrets: (purpose: SecretPurpose): KeyRange<StoredSecret> => under(`SECRET#${purpose}`, 'VERSION#'),
  memberships: (userId: string): KeyRange<Membership> => under(`USER#${userId}`, 'MEMBERSHIP#'),
  /** The events from `from` to before `to` (epoch ms), of one day. */
  auditEvents: (organizationId: string, { from, to }: { from: number; to: number }): KeyRange<{ event: AuditEvent }> =>
    between(auditPartition(organizationId, from), timeSort(from), timeSort(to)),
  /** The refused activations of a pool, from `from` to before `to` (epoch ms). */
  refused: (pool: Pool, { from, to }: { from: number; to: number }): KeyRange<Refusal> =>
    between(`REFUSED#${poolText(pool)}`, timeSort(from), timeSort(to)),
  /** Ended sessions of a duration class that began from `from` to before `to` (epoch ms). */
  endedSessions: (
    pool: Pool,
    durationClass: number,
    { from, to }: { from: number; to: number },
  ): KeyRange<EndedSession> =>
    between(
      historyPartition(pool),
      `LASTED#${durationClass}#${timeSort(from)}`,
      `LASTED#${durationClass}#${timeSort(to)}`,
    ),
  /** The same, as earlier releases stored them: in one list. */
  formerEndedSessions: (pool: Pool, { from, to }: { from: number; to: number }): KeyRange<EndedSession> =>
    between(historyPartition(pool), `ENDED#${timeSort(from)}`, `ENDED#${timeSort(to)}`),
  /** Ended sessions that were active at the beginning of a day (epoch ms), as earlier releases stored them. */
  formerCarriedSessions: (pool: Pool, day: number): KeyRange<EndedSession> =>
    under(historyPartition(pool), `CARRIED#${timeSort(day)}#`),
  /** The usage of the intervals that begin from `from` to before `to` (epoch ms). */
  usage: <G extends Granularity>(
    pool: Pool,
    granularity: G,
    { from, to }: { from: number; to: number },
  ): KeyRange<CachedInterval<CachedUsage[G]>> =>
    between(usagePartition(pool), usageSort(granularity, from), usageSort(granularity, to - 1)),
  /** The quotas that were set before `to` (epoch ms). */
  quotasSet: (pool: Pool, to: number): KeyRange<QuotaSet> =>
    between(usagePartition(pool), 'QUOTA#', `QUOTA#${timeSort(to - 1)}`),
  /** The users and machines of the days from `from` to before `to` (epoch ms). */
  used: (pool: Pool, { from, to }: { from: number; to: number }): KeyRange<UsedItem> =>
    between(usagePartition(pool), `USED#${timeSort(from)}`, `USED#${timeSort(to)}`),
  /** The due items of a shard until `now` (epoch ms). */
  due: <T>(shard: number, now: number): KeyRange<T> => between(`DUE#${shard}`, '0', `${timeSort(now)}~`),
  /** The plans of a shard for items that are history since `before` (epoch ms) or longer. */
  past: <T>(shard: number, before: number): KeyRange<T> => between(`PAST#${shard}`, '0', `${timeSort(before)}~`),
};
