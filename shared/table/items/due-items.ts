import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { ClaimName } from '../../domain/machine.ts';
import type { NoticeStep } from '../../domain/outbox/expiry-notice.ts';
import { type Claim, type Hold, hash32 } from '../../domain/seat.ts';
import { firstSweepAfter } from '../../domain/sweep.ts';
import {
  type DeliveryName,
  dueShards,
  type Key,
  keys,
  type MailName,
  type Page,
  type PageRequest,
  type Pool,
  type Position,
  poolText,
  ranges,
  type WebhookName,
} from '../store/keys.ts';
import { put, readPage, type Table } from '../store/table.ts';
import type { WrittenPlans } from '../store/written-plans.ts';

interface DueCheck {
  /** Epoch ms. */
  at: number;
}

interface PoolCheck extends DueCheck {
  pool: Pool;
}

interface ClaimCheck extends PoolCheck {
  kind: 'claim';
  claim: Claim;
  /** The hold on the seat at the time of the claim. Absent if the claim had a record before the due item. */
  hold?: Hold;
}

interface MachineCheck extends PoolCheck {
  kind: 'machine';
  machineId: string;
  /** The claims that ran on the machine at its removal, if `at` is the check after that. */
  ran?: readonly ClaimName[];
}

interface SubscriptionCheck extends PoolCheck {
  kind: 'subscription';
  /** The position at which a walk over the pool's seats continues. */
  after?: Position;
}

/** The items on which the sessions of a pool stand. */
export type Swept = 'seats' | 'licenses';

/** A sweep of a pool's seats, or of its licenses: `shared/table/schedule/sweep-pool.ts`. */
interface SweepCheck extends PoolCheck {
  kind: 'sweep';
  of: Swept;
  /** Where an interrupted sweep continues, and what it found before. */
  rest?: { after: Position; live: boolean; calm: boolean };
}

interface DeliveryCheck extends DueCheck {
  kind: 'delivery';
  delivery: DeliveryName;
}

interface WebhookCheck extends DueCheck {
  kind: 'webhook';
  webhook: WebhookName;
}

interface MailCheck extends DueCheck {
  kind: 'mail';
  mail: MailName;
}

interface MemberCheck extends DueCheck {
  kind: 'member';
  organizationId: string;
  userId: string;
  /** When the member was removed, epoch ms; absent if its role changed. */
  removedAt?: number;
}

interface ApiKeyCheck extends DueCheck {
  kind: 'api-key';
  organizationId: string;
  keyId: string;
}

/** An API key, an invitation or a webhook that may be pending for good. */
interface PendingCheck extends DueCheck {
  kind: 'pending-thing';
  key: Key;
}

interface WarningCheck extends PoolCheck {
  kind: 'warning';
  step: NoticeStep;
  /** The end of the subscription, epoch ms. */
  expiresAt: number;
}

interface AlertCheck extends PoolCheck {
  kind: 'alert';
  /** The terms that the check is for. */
  settingId: string;
}

/** The end of an invitation, an API key or an offline license. */
interface ExpiryCheck {
  kind: 'end';
  /** The time of that end, epoch ms. */
  at: number;
  key: Key;
}

/**
 * A check for the schedule to do at a time. Only a hint: the items that it points to decide. So a due item may come twice,
 * late, or for a thing that is long over.
 */
export type Due =
  | ClaimCheck
  | SweepCheck
  | MachineCheck
  | SubscriptionCheck
  | WarningCheck
  | AlertCheck
  | ExpiryCheck
  | DeliveryCheck
  | WebhookCheck
  | MailCheck
  | MemberCheck
  | ApiKeyCheck
  | PendingCheck;

const nameOf = (due: Due) => {
  switch (due.kind) {
    case 'claim': {
      const { pool, claim } = due;
      return `${pool.numbered === 'slots' ? 'SLOT' : 'CLAIM'}#${poolText(pool)}#${claim.number}#${claim.fence}`;
    }
    case 'sweep':
      return `SWEEP#${poolText(due.pool)}#${due.of}`;
    case 'machine':
      return `MACHINE#${poolText(due.pool)}#${due.machineId}`;
    case 'subscription':
      return `SUB#${poolText(due.pool)}`;
    case 'warning':
      // With its end: a renewal to another end may have a warning at the same time.
      return `WARNING#${poolText(due.pool)}#${due.expiresAt}`;
    case 'alert':
      return `ALERT#${poolText(due.pool)}#${due.settingId}`;
    case 'end':
      return `END#${due.key.pk}#${due.key.sk}`;
    case 'delivery':
      return `DELIVERY#${due.delivery.organizationId}#${due.delivery.webhookId}#${due.delivery.id}`;
    case 'mail':
      return `MAIL#${due.mail.organizationId}#${due.mail.id}`;
    case 'member':
      return `MEMBER#${due.organizationId}#${due.userId}`;
    case 'api-key':
      return `KEY#${due.organizationId}#${due.keyId}`;
    case 'pending-thing':
      return `PENDING#${due.key.pk}#${due.key.sk}`;
    case 'webhook':
      return `WEBHOOK#${due.webhook.organizationId}#${due.webhook.id}`;
  }
};

const keyOf = (due: Due): Key<Due> => {
  const name = nameOf(due);
  return keys.due(hash32(name) % dueShards, due.at, name);
};

/** Plans a check. Repeating it changes nothing. */
export const planDue = async (table: Table, due: Due): Promise<void> => {
  await put(table, { Item: { ...due, ...keyOf(due) } });
};

/** Plans the first sweep after a claim that is seen at `now` (epoch ms), if this instance has not planned it. */
export const planSweep = async (
  table: Table,
  { pool, of }: Pick<SweepCheck, 'pool' | 'of'>,
  written: WrittenPlans,
  now: number,
): Promise<void> => {
  const sweep: Due = { kind: 'sweep', pool, of, at: firstSweepAfter(now) };
  const key = keyOf(sweep);
  if (written.has(key, { until: sweep.at, now })) return;
  await planDue(table, sweep);
  written.add(key);
};

/** Deletes a due item once its check is done. */
export const forgetDue = async (table: Table, due: Due): Promise<void> => {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: keyOf(due) }));
};

/** Reads a page of the due items of a shard at `now` (epoch ms), oldest first. */
export const readDue = (table: Table, shard: number, now: number, options: PageRequest): Promise<Page<Due>> =>
  readPage(table, ranges.due<Due>(shard, now), options);
