import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../../shared/table/store/clock.ts';
import type { Key } from '../../shared/table/store/keys.ts';
import { documents, type Item, type Table } from '../../shared/table/store/table.ts';
import type { StreamRecord } from '../../shared/table/stream/change.ts';
import { createLocalTable, localDynamoDb } from '../table/support/local-dynamodb.ts';
import { type Faults, noFaults } from './faults.ts';
import { Mirror, type Written } from './mirror.ts';
import { below, nextSeed, type Random, seeded } from './random.ts';
import { currentProcess, runAs, runOutside, type SimulatedProcess } from './simulated-process.ts';

const name = 'Leasehold';

/** How long a request takes, ms. */
const requestMs = 4;

/** Work of a process of the service: an operation, a change that the stream function follows, a schedule's run. */
export interface Task extends SimulatedProcess {
  what: string;
  /** The lead of its clock, ms. */
  skewMs: number;
  /** When it began, in the world's time (epoch ms), and at which of the watcher's moments. */
  startedAt: number;
  moment: number;
  /** The longest life of its process, ms. */
  limitMs: number;
  requests: number;
  faults: Faults;
  /** The outcome; undefined while it runs. A task whose process died has no answer. */
  end?: { outcome: 'answered'; answer: unknown } | { outcome: 'failed'; error: unknown } | { outcome: 'died' };
  /** The watcher's moment at that end. */
  endMoment?: number;
}

/** A request, a pause or an answer that waits for its turn. */
interface Turn {
  task: Task;
  what: string;
  /** The earliest time for the turn (epoch ms). */
  from: number;
  go: () => void;
}

/** A write that was sent, and may reach DynamoDB once more. */
interface Copy {
  what: string;
  send: () => Promise<void>;
}

interface Called {
  name: string;
  input: any;
}

/** Thrown into the code under test: DynamoDB answered no retry. */
export class Unanswered extends Error {}

const writes = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'];

/** The counts of a run. */
export interface Counts {
  steps: number;
  requests: number;
  crashes: number;
  lostAnswers: number;
  failedRequests: number;
  lateCopies: number;
}

export interface Watcher {
  /** Returns the watcher's name of this moment. */
  now: () => number;
  /** After each write that DynamoDB made. */
  written: (written: Written, task: Task | undefined) => void;
  /** After each step, and when time passes. */
  passed: () => void;
}

/**
 * A table on DynamoDB Local, and the tasks at work on it: one request at a time, in the order that the seed decides. The world
 * has its own time: pauses take none.
 */
export class World {
  readonly mirror = new Mirror();
  readonly counts: Counts = { steps: 0, requests: 0, crashes: 0, lostAnswers: 0, failedRequests: 0, lateCopies: 0 };
  readonly tasks = new Set<Task>();
  /** Changes that the stream function has not followed yet. */
  changes: StreamRecord[] = [];
  copies: Copy[] = [];
  table!: Table;
  watcher: Watcher | undefined;
  /** Epoch ms. */
  now: number;
  private readonly random: Random;
  private turns: Turn[] = [];
  /** Requests that DynamoDB is serving. */
  private readonly underway = new Set<Promise<void>>();
  private readonly client: DynamoDBClient;

  private constructor(
    endpoint: string,
    now: number,
    random: Random,
    accessKeyId: string,
    { blockSize }: { blockSize?: number | undefined },
  ) {
    this.now = now;
    this.random = random;
    this.client = localDynamoDb(endpoint, accessKeyId);
    this.client.middlewareStack.add(
      (next: any, context: any) => async (args: any) => {
        const called = { name: String(context.commandName).replace(/Command$/, ''), input: args.input };
        let result: any;
        const output = await this.request(called, async () => {
          result = await next(args);
          return result.output;
        });
        return { ...result, output };
      },
      { step: 'initialize', name: 'world' },
    );
    this.table = { name, client: documents(this.client), actor: 'service#explorer', ...(blockSize && { blockSize }) };
  }

  /** A world with an empty table. */
  static async create(
    endpoint: string,
    now: number,
    random: Random,
    options: { blockSize?: number | undefined } = {},
  ): Promise<World> {
    // DynamoDB Local keeps a database per access key.
    const accessKeyId = randomBytes(10).toString('hex');
    await createLocalTable(endpoint, name, { accessKeyId, stream: false });
    return new World(endpoint, now, random, accessKeyId, options);
  }

  close = () => this.client.destroy();

  /** Begins a task. Its first request waits for its turn. */
  start = async (
    what: string,
    work: (table: Table, clock: Clock) => Promise<unknown>,
    {
      random,
      skewMs = 0,
      limitMs = 29_000,
      faults = noFaults,
    }: { random: Random; skewMs?: number; limitMs?: number; faults?: Faults },
  ): Promise<Task> => {
    const task: Task = {
      what,
      skewMs,
      limitMs,
      faults,
      random,
      now: () => this.now + skewMs,
      startedAt: this.now,
      moment: this.watcher?.now() ?? 0,
      requests: 0,
    };
    this.tasks.add(task);
    const clock: Clock = {
      now: task.now,
      pause: (ms) => this.turn(task, 'pause', this.now + Math.max(1, Math.ceil(ms))),
    };
    const end = (how: NonNullable<Task['end']>) => {
      if (!task.end) this.end(task, how);
    };
    runAs(task, () => work(this.table, clock)).then(
      (answer) => end({ outcome: 'answered', answer }),
      (error) => end({ outcome: 'failed', error }),
    );
    await this.quiet();
    return task;
  };

  /** Does work outside of the run, without other tasks and faults. */
  alone = async <T>(work: (table: Table) => Promise<T>): Promise<T> => {
    const process: SimulatedProcess = { now: () => this.now, random: this.random };
    return runAs(process, () => work(this.table));
  };

  /**
   * Lets one waiting turn go on.
   *
   * @param options.only of this task alone
   * @param options.last of this task only if no other waits
   * @returns false if nobody waits
   */
  step = async (random: Random, { only, last }: { only?: Task; last?: Task | undefined } = {}): Promise<boolean> => {
    for (const task of this.tasks) if (this.now - task.startedAt > task.limitMs) this.kill(task);
    const waiting = only ? this.turns.filter(({ task }) => task === only) : this.turns;
    const others = waiting.filter(({ task }) => task !== last);
    const ready = others.length > 0 ? others : waiting;
    const turn = ready[below(random, ready.length)];
    if (!turn) return false;
    this.turns = this.turns.filter((other) => other !== turn);
    this.pass(Math.max(requestMs, turn.from - this.now));
    turn.go();
    await this.quiet();
    this.watcher?.passed();
    return true;
  };

  /** Time passes, ms. */
  pass = (ms: number): void => {
    this.now += ms;
    this.counts.steps++;
    this.watcher?.passed();
  };

  /** Delivers a copy of an earlier write. */
  deliver = async (random: Random): Promise<string | undefined> => {
    const copy = this.copies.splice(below(random, this.copies.length), 1)[0];
    if (!copy) return undefined;
    this.counts.lateCopies++;
    this.pass(requestMs);
    await copy.send();
    this.watcher?.passed();
    return copy.what;
  };

  /** Ends the process of a task: none of its code runs any more. */
  kill = (task: Task): void => {
    this.turns = this.turns.filter((turn) => turn.task !== task);
    this.counts.crashes++;
    this.end(task, { outcome: 'died' });
  };

  private end = (task: Task, how: NonNullable<Task['end']>): void => {
    task.end = how;
    task.endMoment = this.watcher?.now() ?? 0;
    this.tasks.delete(task);
  };

  private turn = (task: Task, what: string, from = 0): Promise<void> => {
    if (task.end) return never();
    return new Promise((go) => {
      this.turns.push({ task, what, from, go });
    });
  };

  /** Waits until all tasks wait for their turn, or are done. */
  private quiet = async (): Promise<void> => {
    await setImmediate();
    while (this.underway.size > 0) {
      await Promise.all(this.underway);
      await setImmediate();
    }
    await setImmediate();
  };

  private request = async (called: Called, send: () => Promise<any>): Promise<any> => {
    const task = currentProcess() as Task | undefined;
    if (!task) return send();
    // A request outside of the run.
    if (!('what' in task)) return this.serve(called, send, undefined);
    const fault = task.faults(++task.requests, called.name);
    await this.turn(task, called.name);
    switch (fault) {
      case 'dies-before':
        this.kill(task);
        return never();
      case 'fails-before':
        this.counts.failedRequests++;
        throw new Unanswered();
      case 'answer-lost':
        // The SDK sends it again.
        this.counts.lostAnswers++;
        await this.serve(called, send, task).catch(nothing);
        await this.turn(task, `${called.name} again`);
        return this.serve(called, send, task);
      case 'dies-after':
        await this.serve(called, send, task).catch(nothing);
        this.kill(task);
        return never();
      case 'fails-after':
        this.counts.failedRequests++;
        await this.serve(called, send, task).catch(nothing);
        throw new Unanswered();
      case 'copied':
        if (writes.includes(called.name)) this.keepCopy(task, called, send);
        return this.serve(called, send, task);
      case 'answered-late': {
        const answer = await this.serve(called, send, task).then(
          (output) => () => output,
          (error) => () => {
            throw error;
          },
        );
        await this.turn(task, `answer to ${called.name}`);
        return answer();
      }
      default:
        return this.serve(called, send, task);
    }
  };

  private keepCopy = (task: Task, called: Called, send: () => Promise<any>): void => {
    this.copies.push({
      what: `${called.name} of ${task.what}`,
      send: () =>
        this.serve(called, send, task).then(
          () => {},
          () => {},
        ),
    });
  };

  private serve = (called: Called, send: () => Promise<any>, task: Task | undefined): Promise<any> => {
    const served = this.serveNow(called, send, task);
    const settled: Promise<void> = served.then(nothing, nothing).finally(() => this.underway.delete(settled));
    this.underway.add(settled);
    return served;
  };

  private serveNow = async (called: Called, send: () => Promise<any>, task: Task | undefined): Promise<any> => {
    this.counts.requests++;
    const output = await runOutside(send);
    if (!writes.includes(called.name)) return output;
    for (const written of this.mirror.apply(await this.leftBy(called, output))) {
      const change = this.mirror.changeOf(written, this.now);
      if (change) this.changes.push(change);
      this.watcher?.written(written, task);
    }
    return output;
  };

  /** The items that a write has left. */
  private leftBy = async ({ name, input }: Called, output: any): Promise<{ key: Key; after: Item | undefined }[]> => {
    switch (name) {
      case 'PutItem':
        return [{ key: input.Item, after: input.Item }];
      case 'UpdateItem':
        return [{ key: input.Key, after: output.Attributes }];
      case 'DeleteItem':
        return [{ key: input.Key, after: undefined }];
      case 'BatchWriteItem':
        return (Object.values(input.RequestItems).flat() as any[]).map(({ PutRequest, DeleteRequest }) => ({
          key: PutRequest?.Item ?? DeleteRequest.Key,
          after: PutRequest?.Item,
        }));
      default: {
        const keys: Key[] = input.TransactItems.flatMap(
          ({ Put, Update, Delete }: any) => Put?.Item ?? Update?.Key ?? Delete?.Key ?? [],
        );
        return Promise.all(keys.map(async (key) => ({ key, after: await this.readNow(key) })));
      }
    }
  };

  private readNow = async ({ pk, sk }: Key): Promise<Item | undefined> => {
    const command = new GetCommand({ TableName: name, Key: { pk, sk }, ConsistentRead: true });
    return (await runOutside(() => this.table.client.send(command))).Item;
  };
}

const nothing = () => {};

/** The answer to a dead process: none, ever. */
const never = (): Promise<never> => new Promise(() => {});

/** The random numbers of a task, apart from those of its step. */
export const randomOfTask = (random: Random): Random => seeded(nextSeed(random));
