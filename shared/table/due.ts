import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { NoticeStep } from '../domain/notice.ts';
import { type Claim, spread } from '../domain/seat.ts';
import { dueShards, type Key, keys, type Pool, type Position, poolText, ranges } from './keys.ts';
import { put, readPage, type Table } from './table.ts';

interface Look {
  pool: Pool;
  /** Epoch ms. */
  at: number;
}

interface ClaimLook extends Look {
  kind: 'claim';
  claim: Claim;
  /** Whether `at` is the end of the claim's lease. */
  leaseEnd: boolean;
}

interface MachineLook extends Look {
  kind: 'machine';
  machineId: string;
}

interface SubscriptionLook extends Look {
  kind: 'subscription';
  /** Where a walk over the pool's seats goes on. */
  after?: Position;
}

interface Warning extends Look {
  kind: 'warning';
  step: NoticeStep;
  /** The subscription's end that it is about, epoch ms. */
  expiresAt: number;
}

/** The end of an invitation, an API key or an offline license. */
interface End {
  kind: 'end';
  /** The end that it is about, epoch ms. */
  at: number;
  key: Key;
}

/**
 * Something for the schedule to look at, at a time. Only a hint of where to look: what is so is decided by the items
 * it points to, so a due item may come twice, late, or for something that is long over.
 */
export type Due = ClaimLook | MachineLook | SubscriptionLook | Warning | End;

const nameOf = (due: Due) => {
  if (due.kind === 'end') return `END#${due.key.pk}#${due.key.sk}`;
  const pool = poolText(due.pool);
  switch (due.kind) {
    case 'claim':
      return `${due.pool.numbered === 'slots' ? 'SLOT' : 'CLAIM'}#${pool}#${due.claim.number}#${due.claim.fence}`;
    case 'machine':
      return `MACHINE#${pool}#${due.machineId}`;
    case 'subscription':
      return `SUB#${pool}`;
    case 'warning':
      // With its end: a renewal to another one may reach another step of its own at the same time.
      return `WARNING#${pool}#${due.expiresAt}`;
  }
};

const keyOf = (due: Due): Key => {
  const name = nameOf(due);
  return keys.due(spread(name) % dueShards, due.at, name);
};

/** Plans a look. Planning the same again changes nothing. */
export const planDue = async (table: Table, due: Due): Promise<void> => {
  await put(table, { Item: { ...due, ...keyOf(due) } });
};

/** Forgets a due item once it is dealt with. */
export const forgetDue = async (table: Table, due: Due): Promise<void> => {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: keyOf(due) }));
};

/** A page of what is due in a shard at `now`, oldest first. */
export const readDue = async (
  table: Table,
  shard: number,
  now: number,
  options: { limit: number; after?: Position },
): Promise<{ found: Due[]; next?: Position }> => {
  const { items, next } = await readPage(table, ranges.due(shard, now), options);
  return { found: items as unknown as Due[], next };
};
