import {
  ConditionalCheckFailedException,
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Table } from '../../shared/table/store/table.ts';
import type { Random } from '../explore/random.ts';
import { drawLatency, latencies } from './latency.ts';
import { Partitions } from './partitions.ts';
import { MemoryTable } from './table/memory-table.ts';
import { ServiceError } from './table/service-error.ts';
import type { Key } from './table/storage.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface TableOptions {
  time: VirtualTime;
  random: Random;
  /** How many partitions the table begins with (default: 4, as a new table on demand). */
  partitions?: number;
  /** Returns by how much to multiply a latency, by the seconds since the beginning (default: 1). */
  slowness?: (seconds: number) => number;
  /** Changes a request before the table gets it: a broken engine, for a test of the simulation. */
  mutate?: (operation: string, input: any) => any;
}

/** What the requests of a run cost. */
export interface Usage {
  requests: number;
  read: number;
  write: number;
  throttled: number;
  /** Conflicts of a transaction with another write. */
  conflicts: number;
}

const name = 'Leasehold';
const meta = { $metadata: {} };
/** The tries of a request, and the SDK's longest pauses between two of them after throttling, ms: full jitter. */
const maxAttempts = 4;
const throttlingPauseMs = (attempt: number) => Math.min(1000 * 2 ** (attempt - 1), 20_000);
/** How old the state may be that an eventually consistent read sees, ms. */
const maxLagMs = 40;

const operations: Record<string, string> = {
  GetCommand: 'GetItem',
  BatchGetCommand: 'BatchGetItem',
  QueryCommand: 'Query',
  PutCommand: 'PutItem',
  UpdateCommand: 'UpdateItem',
  DeleteCommand: 'DeleteItem',
  BatchWriteCommand: 'BatchWriteItem',
  TransactWriteCommand: 'TransactWriteItems',
};
const reads = ['GetItem', 'BatchGetItem', 'Query'];

/** The document client does not send undefined attributes. */
const defined = (value: any): any => {
  if (Array.isArray(value)) return value.map(defined);
  if (typeof value !== 'object' || value === null || value instanceof Set || value instanceof Uint8Array) return value;
  const result: Record<string, unknown> = {};
  for (const each in value) if (value[each] !== undefined) result[each] = defined(value[each]);
  return result;
};

const keysOf = (operation: string, input: any): Key[] => {
  if (operation === 'Query')
    return [{ pk: input.ExpressionAttributeValues[':pk'], sk: input.ExpressionAttributeValues[':from'] }];
  if (operation === 'BatchGetItem') return input.RequestItems[name].Keys;
  if (operation === 'BatchWriteItem')
    return input.RequestItems[name].map(({ PutRequest, DeleteRequest }: any) => PutRequest?.Item ?? DeleteRequest.Key);
  if (operation === 'TransactWriteItems')
    return input.TransactItems.map(({ Put, ...other }: any) => Put?.Item ?? (Object.values(other)[0] as any).Key);
  return [input.Item ?? input.Key];
};

const keyText = ({ pk, sk }: Key) => `${pk}|${sk}`;

const throttling = () => new ProvisionedThroughputExceededException({ message: 'throttled', ...meta });

/** Returns the SDK's error for an error of the table. */
const sdkError = (error: unknown): unknown => {
  if (!(error instanceof ServiceError)) return error;
  const { name: kind, message, fields } = error;
  const Item = fields.Item ? marshall(fields.Item) : undefined;
  if (kind === 'ConditionalCheckFailedException')
    return new ConditionalCheckFailedException({ message, Item, ...meta });
  if (kind !== 'TransactionCanceledException') return error;
  const CancellationReasons = (fields.CancellationReasons as any[]).map(({ Code, Item: refused }) => ({
    Code,
    Item: refused && marshall(refused),
  }));
  return new TransactionCanceledException({ message, CancellationReasons, ...meta });
};

/** A table in virtual time: each request is served half of its latency after it was sent, all at once. */
export class SimulatedTable {
  readonly usage: Usage = { requests: 0, read: 0, write: 0, throttled: 0, conflicts: 0 };
  readonly partitions: Partitions;
  readonly table: Table;
  /** The table without latency and throttling, to prepare a run. */
  readonly instant: Table;
  private readonly memory: MemoryTable;
  private readonly options: TableOptions;
  private readonly begunAt: number;
  /** The items that transactions are about to write. */
  private readonly locked = new Set<string>();

  constructor(options: TableOptions) {
    const { time, random, partitions = 4 } = options;
    this.options = options;
    this.begunAt = time.now();
    this.partitions = new Partitions(time.now, partitions);
    let isMetered = true;
    this.memory = new MemoryTable({
      now: time.now,
      lag: () => random() * maxLagMs,
      maxLagMs,
      onCharge: (charge) => {
        if (!isMetered) return;
        this.usage[charge.kind] += charge.units;
        this.partitions.charge(charge);
      },
    });
    const client = (send: (operation: string, input: any) => Promise<unknown>) => ({
      send: ({ constructor: { name: command }, input }: { constructor: { name: string }; input: unknown }) =>
        send(operations[command] ?? command, defined(input)),
    });
    const as = (send: (operation: string, input: any) => Promise<unknown>) =>
      ({ name, actor: 'service#simulation', client: client(send) }) as unknown as Table;
    this.table = as((operation, input) => this.send(operation, options.mutate?.(operation, input) ?? input));
    this.instant = as(async (operation, input) => {
      isMetered = false;
      try {
        return this.memory.answer(operation, input);
      } catch (error) {
        throw sdkError(error);
      } finally {
        isMetered = true;
      }
    });
  }

  private latency(operation: string): number {
    const { time, random, slowness } = this.options;
    const kind = reads.includes(operation) ? 'read' : operation === 'TransactWriteItems' ? 'transaction' : 'write';
    return drawLatency(latencies[kind], random) * (slowness?.((time.now() - this.begunAt) / 1000) ?? 1);
  }

  private async send(operation: string, input: any): Promise<any> {
    const { time, random } = this.options;
    for (let attempt = 1; ; attempt++) {
      this.usage.requests++;
      const latency = this.latency(operation);
      const answer = await (operation === 'TransactWriteItems'
        ? this.transact(input, latency)
        : this.serve(operation, input, latency));
      if (!('throttled' in answer)) {
        if ('error' in answer) throw answer.error;
        return answer.output;
      }
      this.usage.throttled++;
      if (attempt === maxAttempts) throw throttling();
      await time.pause(random() * throttlingPauseMs(attempt));
    }
  }

  private async serve(operation: string, input: any, latency: number): Promise<Answer> {
    const { time } = this.options;
    await time.pause(latency / 2);
    const answer = this.answer(operation, input);
    await time.pause(latency / 2);
    return answer;
  }

  private answer(operation: string, input: any): Answer {
    const kind = reads.includes(operation) ? 'read' : 'write';
    const keys = keysOf(operation, input);
    const admitted = keys.filter((key) => this.partitions.admits(key, kind));
    if (admitted.length === 0) return { throttled: true };
    if (kind === 'write' && keys.some((key) => this.locked.has(keyText(key)))) {
      this.usage.conflicts++;
      return { error: new TransactionConflictException({ message: 'a transaction holds the item', ...meta }) };
    }
    // The keys of a batch that are throttled come back.
    if (admitted.length < keys.length && operation === 'BatchGetItem') {
      const left = keys.filter((key) => !admitted.includes(key));
      this.usage.throttled++;
      const request = { ...input.RequestItems[name], Keys: admitted };
      const answered = this.settled(operation, { ...input, RequestItems: { [name]: request } });
      return 'output' in answered
        ? { output: { ...answered.output, UnprocessedKeys: { [name]: { ...request, Keys: left } } } }
        : answered;
    }
    return this.settled(operation, input);
  }

  private settled(operation: string, input: any): { output: any } | { error: unknown } {
    try {
      return { output: this.memory.answer(operation, input) };
    } catch (error) {
      return { error: sdkError(error) };
    }
  }

  /** A transaction holds its items for a third of its latency. Other writes of them are refused meanwhile. */
  private async transact(input: any, latency: number): Promise<Answer> {
    const { time } = this.options;
    const keys = keysOf('TransactWriteItems', input);
    await time.pause(latency / 3);
    if (!keys.every((key) => this.partitions.admits(key, 'write'))) {
      await time.pause(latency / 3);
      return { throttled: true };
    }
    const texts = keys.map(keyText);
    const conflicts = texts.map((text) => this.locked.has(text));
    if (conflicts.includes(true)) {
      this.usage.conflicts++;
      await time.pause(latency / 3);
      const CancellationReasons = conflicts.map((conflict) => ({ Code: conflict ? 'TransactionConflict' : 'None' }));
      return { error: new TransactionCanceledException({ message: 'conflict', CancellationReasons, ...meta }) };
    }
    for (const text of texts) this.locked.add(text);
    await time.pause(latency / 3);
    for (const text of texts) this.locked.delete(text);
    const answer = this.settled('TransactWriteItems', input);
    await time.pause(latency / 3);
    return answer;
  }
}

type Answer = { output: any } | { error: unknown } | { throttled: true };
