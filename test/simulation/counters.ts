import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { jitter } from '../../shared/table/store/retry.ts';
import { type Table, update } from '../../shared/table/store/table.ts';
import { type Answer, failed, type Grant, type Prepare } from './licensing.ts';

// Other ways to keep a quota, on the same table: each counts the licenses in use on one item, and has an item for each lease. A
// crash between two writes, and a lease that ends without a release, are left to a job that no run counts.

/** For how long a request tries, ms. */
const patienceMs = 24_000;

type Taken = 'taken' | 'full' | 'again';

interface Counter {
  /** Takes one license for a session. */
  take: (sessionId: string, until: number) => Promise<Taken>;
  /** Gives it back. */
  give: (sessionId: string) => Promise<boolean>;
}

const actor = 'service#simulation';
const counterOf = (name: string) => ({ pk: `POOL#${name}#KRE`, sk: 'COUNTER' });
const leaseOf = (name: string, sessionId: string) => ({ pk: `SESSION#${name}#KRE#${sessionId}`, sk: 'RECORD' });
const leaseItem = (name: string, sessionId: string, until: number) => ({
  ...leaseOf(name, sessionId),
  actor,
  sessionId,
  userId: 'usr_ada',
  machineId: `runner-${sessionId}`,
  until,
});

const counting =
  (counterFor: (table: Table, name: string) => Counter): Prepare =>
  async ({ table, instant }, time, name, { quota, leaseSeconds }) => {
    await instant.client.send(
      new PutCommand({ TableName: instant.name, Item: { ...counterOf(name), actor, quota, held: 0, version: 1 } }),
    );
    const counter = counterFor(table, name);
    return {
      activate: async (sessionId): Promise<Answer> => {
        const giveUpAt = time.now() + patienceMs;
        try {
          for (let round = 0; time.now() < giveUpAt; round++) {
            if (round > 0) await time.pause(jitter(round));
            const until = time.now() + leaseSeconds * 1000;
            const taken = await counter.take(sessionId, until);
            if (taken === 'taken') return { outcome: 'granted', grant: { sessionId, until } };
            if (taken === 'full') return { outcome: 'refused', afterMs: 60_000 };
          }
          return { outcome: 'contended', afterMs: 1000 };
        } catch (error) {
          return failed(error);
        }
      },
      heartbeat: async ({ sessionId }: Grant) => {
        const until = time.now() + leaseSeconds * 1000;
        const { done } = await update(table, {
          Key: leaseOf(name, sessionId) as never,
          UpdateExpression: 'SET until = :until',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':until': until },
        });
        return done ? until : undefined;
      },
      release: async ({ sessionId }: Grant) => {
        for (let round = 1; !(await counter.give(sessionId)); round++) await time.pause(jitter(round));
      },
    };
  };

const Counter = (
  table: Table,
  name: string,
  change: string,
  condition?: string,
  values: Record<string, unknown> = {},
) => ({
  TableName: table.name,
  Key: counterOf(name),
  UpdateExpression: `SET held = held ${change} :one`,
  ...(condition && { ConditionExpression: condition }),
  ExpressionAttributeValues: { ':one': 1, ...values },
});

const putLease = (table: Table, name: string, sessionId: string, until: number) =>
  table.client.send(new PutCommand({ TableName: table.name, Item: leaseItem(name, sessionId, until) }));

const endLease = (table: Table, name: string, sessionId: string) =>
  update(table, {
    Key: leaseOf(name, sessionId) as never,
    UpdateExpression: 'SET until = :never',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':never': 0 },
  });

/** The count and the lease in one transaction. */
export const countInTransaction = counting((table, name) => {
  const transact = async (writes: object[]): Promise<Taken> => {
    try {
      await table.client.send(new TransactWriteCommand({ TransactItems: writes }));
      return 'taken';
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      return error.CancellationReasons?.[0]?.Code === 'ConditionalCheckFailed' ? 'full' : 'again';
    }
  };
  return {
    take: (sessionId, until) =>
      transact([
        { Update: Counter(table, name, '+', 'held < quota') },
        { Put: { TableName: table.name, Item: leaseItem(name, sessionId, until) } },
      ]),
    give: async (sessionId) =>
      (await transact([
        { Update: Counter(table, name, '-') },
        {
          Delete: {
            TableName: table.name,
            Key: leaseOf(name, sessionId),
            ConditionExpression: 'attribute_exists(pk)',
          },
        },
      ])) === 'taken',
  };
});

/** The lease, then the count: each by a write on condition that the count is as it was read. */
export const countByCompareAndSwap = counting((table, name) => {
  const swap = async (by: 1 | -1): Promise<Taken> => {
    const { Item } = await table.client.send(
      new GetCommand({ TableName: table.name, Key: counterOf(name), ConsistentRead: true }),
    );
    const { held, quota, version } = Item as { held: number; quota: number; version: number };
    if (by > 0 && held >= quota) return 'full';
    const { done } = await update(table, {
      Key: counterOf(name) as never,
      UpdateExpression: 'SET held = :held, version = :next',
      ConditionExpression: 'version = :asRead',
      ExpressionAttributeValues: { ':held': held + by, ':next': version + 1, ':asRead': version },
    });
    return done ? 'taken' : 'again';
  };
  return {
    take: async (sessionId, until) => {
      const taken = await swap(1);
      if (taken === 'taken') await putLease(table, name, sessionId, until);
      return taken;
    },
    give: async (sessionId) => {
      await endLease(table, name, sessionId);
      return (await swap(-1)) === 'taken';
    },
  };
});

/** The count by one write that adds if there is room, then the lease: no write of the count is ever lost to another. */
export const countByIncrement = counting((table, name) => ({
  take: async (sessionId, until) => {
    const { done } = await update(table, {
      Key: counterOf(name) as never,
      UpdateExpression: 'SET held = held + :one',
      ConditionExpression: 'held < quota',
      ExpressionAttributeValues: { ':one': 1 },
    });
    if (done) await putLease(table, name, sessionId, until);
    return done ? 'taken' : 'full';
  },
  give: async (sessionId) => {
    await endLease(table, name, sessionId);
    const { done } = await update(table, {
      Key: counterOf(name) as never,
      UpdateExpression: 'SET held = held - :one',
      ExpressionAttributeValues: { ':one': 1 },
    });
    return done;
  },
}));
