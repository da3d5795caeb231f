import type { SubscriptionTerms } from '../../shared/domain/subscription.ts';
import { createOrganization } from '../../shared/table/accounts/organizations.ts';
import { addMember } from '../../shared/table/items/members.ts';
import { readSubscription, setSubscription } from '../../shared/table/items/subscriptions.ts';
import { grantLicense } from '../../shared/table/licensed-users/grant-license.ts';
import { settleAllDue } from '../../shared/table/schedule/settle-due.ts';
import { keys } from '../../shared/table/store/keys.ts';
import { put } from '../../shared/table/store/table.ts';
import { WrittenPlans } from '../../shared/table/store/written-plans.ts';
import type { TestPool } from '../table/support/database.ts';
import { type Answer, type Operation, perform } from '../table/support/model/pool-operations.ts';
import { followRecord } from '../table/support/stream/follow.ts';
import { Answers } from './answers.ts';
import { checkAtRest, checkHistory } from './at-the-end.ts';
import { drawOperation, drawRush, drawSetting, type Setting } from './drafts.ts';
import { type Faultiness, faultsOf } from './faults.ts';
import { below, chance, nextSeed, pick, type Random, seeded, weighted } from './random.ts';
import { Told } from './told.ts';
import { type Violation, Watch } from './watch.ts';
import { type Counts, randomOfTask, type Task, Unanswered, World } from './world.ts';

export interface RunOptions {
  endpoint: string;
  seed: number;
  kind?: 'floating' | 'per-user' | undefined;
  /** The steps to make, by their places in the run (default: all). */
  only?: ReadonlySet<number> | undefined;
}

export interface RunResult {
  violation: Violation | undefined;
  /** The events of the run, one per line. */
  story: string[];
  /** The steps that were made, by their places in the run. */
  steps: number[];
  counts: Counts;
}

/** When every run begins: the middle of a day. */
export const beginning = Date.UTC(2030, 5, 3, 12);

/** How much goes wrong in a run, and by how much clocks differ, ms. */
interface Trouble {
  faultiness: Faultiness;
  skews: readonly number[];
}

const noTrouble: Trouble = { faultiness: { dies: 0, fails: 0, lost: 0, copied: 0, late: 0 }, skews: [0] };

/**
 * Returns by how much a clock may differ from the world's time, ms: a decision of one clock about a stored time may be so early
 * or late. Two stored times of different clocks may differ by twice as much.
 */
const toleranceOf = ({ skews }: Trouble): number => Math.max(...skews);

const drawTrouble = (random: Random): Trouble => {
  const faultiness = pick<Faultiness>(random, [
    { dies: 0, fails: 0, lost: 0, copied: 0, late: 0.2 },
    { dies: 0.12, fails: 0.03, lost: 0.1, copied: 0, late: 0.1 },
    { dies: 0.15, fails: 0.05, lost: 0.15, copied: 0.3, late: 0.2 },
  ]);
  return { faultiness, skews: chance(random, 0.4) ? [0, 0, -30_000, 30_000, -15_000, 15_000] : [0] };
};

/** How many steps a run has. */
const stepsOfRun = 60;

/** The pauses before the schedule runs at the end, seconds. Within these five minutes a sweep closes each claim without a record. */
const pausesAtTheEnd = [61, 61, 178];

/** One run: a pool and all that happens to it, decided by a seed. */
export const run = async ({ endpoint, seed, kind, only }: RunOptions): Promise<RunResult> => {
  const random = seeded(seed);
  const setting = drawSetting(random, beginning, kind);
  const trouble = drawTrouble(random);
  const world = await World.create(endpoint, beginning, seeded(nextSeed(random)), setting);
  try {
    const opened = await openPool(world, setting, toleranceOf(trouble));
    const explorer = new Explorer({ world, setting, trouble, ...opened });
    const steps: number[] = [];
    for (let step = 0; step < stepsOfRun && !explorer.watch.violation; step++) {
      const stepSeed = nextSeed(random);
      if (only && !only.has(step)) continue;
      steps.push(step);
      await explorer.step(seeded(stepSeed));
    }
    if (!explorer.watch.violation) await explorer.end(seeded(nextSeed(random)));
    return { violation: explorer.watch.violation, story: explorer.story, steps, counts: world.counts };
  } finally {
    world.close();
  }
};

/** A pool with three members, which is watched from its beginning; where licenses belong to users, some have one. */
export const openPool = (
  world: World,
  { floating, isFormer = false, terms: { reserveOnline, ...others } }: Pick<Setting, 'floating' | 'isFormer' | 'terms'>,
  toleranceMs: number,
): Promise<{ pool: TestPool; watch: Watch }> =>
  world.alone(async (table) => {
    const { now } = world;
    const { id: organizationId } = await createOrganization(table, {
      name: 'Acme',
      ownerEmail: 'owner@acme.example',
      now,
    });
    const terms: SubscriptionTerms = {
      ...others,
      productName: 'KRE',
      licenseType: floating ? 'floating' : 'per-user',
      offline: { allowed: true, maxDays: null, reserveOnline },
    };
    const name = { organizationId, product: 'KRE' };
    const set: TestPool['set'] = (changes, by = table) =>
      setSubscription(by, name, { ...terms, ...changes }, Date.now());
    const { blockSize: _, ...former } = table;
    await set({}, isFormer ? former : table);
    const first = isFormer && (await readSubscription(table, name));
    if (first)
      await put(table, { Item: { ...keys.subscription(name), ...first, blocks: undefined, pushed: undefined } });
    const watch = new Watch(world, name, toleranceMs);
    const users: string[] = [];
    for (const email of ['ada@acme.example', 'bob@acme.example', 'eve@acme.example'])
      users.push((await addMember(table, { organizationId, email, role: 'user', now })).userId);
    if (!floating) for (const user of users.slice(0, terms.quota)) await grantLicense(table, name, user);
    return { pool: { ...name, set, users }, watch };
  });

interface Opened {
  world: World;
  pool: TestPool;
  setting: Setting;
  trouble: Trouble;
  watch: Watch;
}

class Explorer {
  readonly story: string[] = [];
  readonly watch: Watch;
  private readonly world: World;
  private readonly pool: TestPool;
  private readonly setting: Setting;
  private trouble: Trouble;
  private readonly toleranceMs: number;
  private readonly told = new Told();
  /** The memory of the stream function's process. */
  private readonly written = new WrittenPlans();
  private readonly answers: Answers;

  constructor({ world, pool, setting, trouble, watch }: Opened) {
    this.world = world;
    this.pool = pool;
    this.setting = setting;
    this.trouble = trouble;
    this.watch = watch;
    this.toleranceMs = toleranceOf(trouble);
    this.answers = new Answers(watch, pool, this.toleranceMs);
    this.note(JSON.stringify({ ...setting, ...trouble }));
  }

  private note = (what: string): void => {
    this.story.push(`${((this.world.now - beginning) / 1000).toFixed(3)} ${what}`);
  };

  /** One step of the run, which then goes on for a while. */
  step = async (random: Random): Promise<void> => {
    await weighted<() => Promise<unknown>>(random, [
      [60, () => this.ask(random)],
      [14, () => this.rush(random)],
      [14, async () => this.jump(pick(random, [1, 5, 20, 31, 61, 61, 120, 400]))],
      [8, () => this.follow(random, 1 + below(random, 12))],
      [6, () => this.schedule(random)],
      [this.world.copies.length > 0 ? 8 : 0, () => this.deliver(random)],
    ])();
    // Finish all tasks before the next step, or let them go on a little.
    const turns = weighted(random, [
      [4, Number.POSITIVE_INFINITY],
      [2, 0],
      [4, below(random, 8)],
    ]);
    await this.goOn(random, turns);
    if (this.world.tasks.size > 6) await this.goOn(random, Number.POSITIVE_INFINITY);
  };

  /** The task that stands still while the others go on: most races need a task that many requests overtake. */
  private overtaken: Task | undefined;

  private goOn = async (random: Random, turns: number): Promise<void> => {
    for (let turn = 0; turn < turns && !this.watch.violation; turn++) {
      if (chance(random, 0.08)) this.overtaken = chance(random, 0.8) ? pick(random, [...this.world.tasks]) : undefined;
      if (!(await this.world.step(random, { last: this.overtaken }))) break;
      this.reap();
    }
    this.reap();
  };

  private readonly asked = new Map<Task, Operation | undefined>();

  /** Takes note of the tasks that are done. */
  private reap = (): void => {
    for (const [task, operation] of this.asked) {
      const { end } = task;
      if (!end) continue;
      this.asked.delete(task);
      if (end.outcome === 'died') this.note(`${task.what} died`);
      if (end.outcome === 'failed') {
        const { name, stack } = end.error as Error;
        this.note(`${task.what} failed: ${name}`);
        if (!(end.error instanceof Unanswered))
          this.watch.violated('nothing fails by itself', `${task.what}: ${stack}`);
      }
      if (end.outcome === 'answered' && operation) {
        const answer = end.answer as Answer;
        this.note(`${task.what} → ${JSON.stringify(answer)}`);
        this.told.answered(operation, answer);
        this.answers.check(task, operation, answer);
      }
    }
  };

  private begin = async (
    what: string,
    random: Random,
    work: Parameters<World['start']>[1],
    { operation, limitMs }: { operation?: Operation; limitMs?: number } = {},
  ): Promise<Task> => {
    const skewMs = pick(random, this.trouble.skews);
    const faults = faultsOf(randomOfTask(random), this.trouble.faultiness);
    const text = skewMs === 0 ? what : `${what} (${skewMs / 1000} s)`;
    const task = await this.world.start(text, work, { random: randomOfTask(random), skewMs, faults, limitMs });
    this.asked.set(task, operation);
    if (operation) {
      this.answers.begin(task);
      this.watch.decisions.begun(task, operation, this.pool);
    }
    return task;
  };

  private ask = async (random: Random): Promise<void> => {
    for (let many = pick(random, [1, 1, 2, 3, 4]); many > 0; many--) {
      const operation = drawOperation(random, this.setting, this.told, this.world.now);
      if (operation) await this.beginOperation(operation, random);
    }
  };

  private beginOperation = (operation: Operation, random: Random): Promise<Task> => {
    this.told.begun(operation);
    if (operation.kind === 'set') this.setting.terms = operation.terms;
    const what = JSON.stringify(operation);
    this.note(what);
    return this.begin(what, random, (table, clock) => perform(table, this.pool, operation, clock), { operation });
  };

  /** Operations that meet, of which the first stands still after some requests, until the others are done. */
  private rush = async (random: Random): Promise<void> => {
    const [first, ...others] = drawRush(random, this.told);
    if (!first) return;
    const task = await this.beginOperation(first, random);
    const alone = below(random, 14);
    for (let turn = 0; turn < alone && !task.end && !this.watch.violation; turn++)
      await this.world.step(random, { only: task });
    this.overtaken = task;
    for (const other of others) await this.beginOperation(other, random);
    while (this.world.tasks.size > 0 && !this.watch.violation && (await this.world.step(random, { last: task })))
      this.reap();
    this.reap();
  };

  private jump = (seconds: number): void => {
    this.world.pass(seconds * 1000);
    this.note(`${seconds} s later`);
  };

  private deliver = async (random: Random): Promise<void> => {
    const what = await this.world.deliver(random);
    if (what) this.note(`a copy of ${what} arrives`);
  };

  /** The stream function follows some changes, in any order, some of them to be followed once more. */
  private follow = async (random: Random, most: number, until = 0): Promise<void> => {
    const count = Math.min(most, this.world.changes.length);
    for (let each = 0; each < count && this.world.changes.length > until; each++) {
      const [change] = this.world.changes.splice(below(random, this.world.changes.length), 1);
      if (!change) return;
      const what = `follow ${change.id} of ${change.after?.pk}|${change.after?.sk}`;
      const again = chance(random, 0.1);
      const task = await this.begin(
        what,
        random,
        (table, clock) => followRecord(table, change, { written: this.written, now: clock.now() }),
        { limitMs: 60_000 },
      );
      const together = chance(random, 0.15);
      while (!together && !task.end && !this.watch.violation && (await this.world.step(random, { only: task })));
      this.reap();
      // The stream delivers an unfinished change again.
      if (again || task.end?.outcome !== 'answered') this.world.changes.push(change);
      if (this.watch.violation) return;
    }
  };

  private schedule = async (random: Random): Promise<void> => {
    this.note('schedule');
    const work: Parameters<World['start']>[1] = (table, clock) =>
      settleAllDue(table, { now: clock.now(), most: 1000, until: () => false });
    const task = await this.begin('schedule', random, work, { limitMs: 60_000 });
    const alone = chance(random, 0.7);
    while (alone && !task.end && !this.watch.violation && (await this.world.step(random, { only: task })));
    this.reap();
    this.checkSchedule(task);
  };

  private checkSchedule = (task: Task): void => {
    if (task.end?.outcome !== 'answered') return;
    const { failed } = task.end.answer as Awaited<ReturnType<typeof settleAllDue>>;
    const [first] = failed.filter(({ error }) => !(error instanceof Unanswered));
    if (first)
      this.watch.violated(
        'nothing fails by itself',
        `schedule: ${JSON.stringify(first.due)}: ${(first.error as Error).stack}`,
      );
  };

  /** Ends the run without faults: finishes all tasks, follows all changes, and runs the schedule until it is quiet. */
  end = async (random: Random): Promise<void> => {
    this.note('the end: nothing goes wrong any more');
    await this.goOn(random, Number.POSITIVE_INFINITY);
    while (this.world.copies.length > 0 && !this.watch.violation) await this.deliver(random);
    this.trouble = noTrouble;
    for (const seconds of pausesAtTheEnd) if (!this.watch.violation) await this.settle(random, seconds);
    if (!this.watch.violation) await checkAtRest(this.world, this.pool, this.watch);
    // Leases end.
    for (const seconds of [7300, 61]) if (!this.watch.violation) await this.settle(random, seconds);
    if (!this.watch.violation) await checkAtRest(this.world, this.pool, this.watch);
    if (!this.watch.violation) await checkHistory(this.world, this.pool, this.watch, 2 * this.toleranceMs);
  };

  private settle = async (random: Random, seconds: number): Promise<void> => {
    const drain = async () => {
      while (this.world.changes.length > 0 && !this.watch.violation) await this.follow(random, 100);
      await this.goOn(random, Number.POSITIVE_INFINITY);
    };
    await drain();
    this.jump(seconds);
    await this.schedule(random);
    await drain();
  };
}
