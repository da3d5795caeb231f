import { offlineHolder, sessionHolder, userHolder } from '../../shared/domain/seat.ts';
import { statusOf } from '../../shared/domain/subscription.ts';
import type { TestPool } from '../table/support/database.ts';
import type { Answer, Operation } from '../table/support/model/pool-operations.ts';
import { freeNumbers, isBlockedIn, type Moment, machinesIn, placesTaken } from './moments.ts';
import { type Story, textOf } from './stories.ts';
import type { Watch } from './watch.ts';
import type { Task } from './world.ts';

type Of<K extends Operation['kind']> = Extract<Operation, { kind: K }>;

/** The facts at the beginning of a request. */
interface Begun {
  moment: number;
  /** The claims that the request may be meant to end, by the answers that their holders had. */
  stories: readonly Story[];
  /** Sessions that waited. */
  waiting: readonly { sessionId: string; userId: string; machineId: string }[];
}

/** Checks the answers to clients against all moments during their requests. */
export class Answers {
  private readonly begun = new WeakMap<Task, Begun>();
  private readonly watch: Watch;
  private readonly pool: TestPool;
  private readonly toleranceMs: number;

  constructor(watch: Watch, pool: TestPool, toleranceMs: number) {
    this.watch = watch;
    this.pool = pool;
    this.toleranceMs = toleranceMs;
  }

  begin = (task: Task) => {
    const { moment } = task;
    const { tickets } = this.watch.moments[moment] as Moment;
    this.begun.set(task, {
      moment,
      stories: this.watch.stories.open().filter(({ recorded, end }) => recorded && !end),
      waiting: tickets.filter(({ aliveUntil }) => aliveUntil > task.startedAt + this.toleranceMs),
    });
  };

  /** The operation was answered. */
  check = (task: Task, operation: Operation, answer: Answer) => {
    const begun = this.begun.get(task);
    if (!begun) return;
    this.refusal(task, operation, answer, begun);
    if (operation.kind === 'set') this.watch.isSet(task);
    switch (operation.kind) {
      case 'activate':
        return this.activated(task, operation, answer, begun);
      case 'heartbeat':
        return this.beaten(task, operation, answer, begun);
      case 'transfer-session':
        if (answer.seat) this.got(task, sessionHolder(operation.session), answer, begun);
        return;
      case 'issue':
        if (answer.seat) this.got(task, offlineHolder(answer.id as string), answer, begun);
        return;
      case 'grant':
        if (answer.seat) this.got(task, userHolder(this.userId(operation.user)), answer, begun);
        return;
      default:
        return this.removed(task, operation, answer, begun);
    }
  };

  private userId = (user: number): string => this.pool.users[user] as string;

  private fail = (task: Task, invariant: string, detail: string): void =>
    this.watch.violated(invariant, `${task.what}: ${detail}`);

  /** A client learned that it has a seat. */
  private got = (task: Task, holder: string, { seat, outcome }: Answer, begun: Begun): Story | undefined => {
    if (!seat) return undefined;
    const story = this.watch.stories.of(holder, { number: seat.number, fence: seat.fence });
    if (!story?.recorded) {
      this.fail(task, 'a record stands for a claim', `${outcome}, and ${JSON.stringify(seat)} was never recorded`);
      return undefined;
    }
    // An end is complete once its seat is free; from then on nobody goes on with the claim.
    if (!story.open && (story.closedSince ?? 0) <= begun.moment)
      this.fail(task, 'a stale fence never succeeds', `${textOf(story)} was gone`);
    story.answered = true;
    story.extendedFrom = Math.max(story.extendedFrom, begun.moment);
    return story;
  };

  private activated = (task: Task, operation: Of<'activate'>, answer: Answer, begun: Begun) => {
    const holder = sessionHolder(operation.session);
    if (answer.outcome === 'ended' && answer.reason) this.toldReason(task, operation.session, answer.reason);
    const story = this.got(task, holder, answer, begun);
    if (!story) return;
    const { now } = this.watch.moments.at(-1) as Moment;
    const second = this.watch.stories
      .open()
      .find((other) => other.holder === holder && other !== story && other.answered && !other.end && other.until > now);
    // Check both: the answer may be late, and its claim over.
    if (second && story.open) this.fail(task, 'one seat per session', `${textOf(story)} and ${textOf(second)}`);
  };

  private toldReason = (task: Task, sessionId: string, reason: string) => {
    const known = this.watch.reasons.get(sessionId);
    if (!known?.has(reason))
      this.fail(task, 'one reason per end', `it was told ${reason}, and the record said ${[...(known ?? [])]}`);
  };

  private beaten = (task: Task, operation: Of<'heartbeat'>, answer: Answer, begun: Begun) => {
    const { seat: number, fence } = operation.told;
    const holder = sessionHolder(operation.session);
    const story = this.watch.stories.of(holder, { number, fence });
    if (answer.outcome === 'extended') {
      const extended = this.got(task, holder, answer, begun);
      if (extended && extended.fence !== fence)
        this.fail(task, 'a stale fence never succeeds', `${fence} was answered with ${textOf(extended)}`);
      return;
    }
    if (!story?.recorded || story.userId !== this.userId(operation.user)) return;
    if (answer.outcome === 'missing')
      return this.fail(task, 'the holder learns the reason', `${textOf(story)}: missing`);
    if (answer.outcome !== 'ended') return;
    // Its lease had ended, another claim took or closed its seat, and the stream has not told that yet: the seat alone knows.
    const { now } = this.watch.moments.at(-1) as Moment;
    const lapsed = story.until <= now + this.toleranceMs;
    if (!story.end && !story.open && lapsed && answer.reason === 'lease-expired') return;
    if (!story.end)
      return this.fail(task, 'one reason per end', `told ${answer.reason}, and ${textOf(story)} has not ended`);
    if (story.end.reason !== answer.reason)
      this.fail(task, 'one reason per end', `told ${answer.reason}; ${textOf(story)} ended as ${story.end.reason}`);
  };

  /** A removal's claims are over once the removal is answered. */
  private removed = (task: Task, operation: Operation, { outcome }: Answer, { stories, waiting }: Begun) => {
    const left = (which: (story: Story) => boolean) => {
      for (const story of stories)
        if (which(story) && story.open) this.fail(task, 'what is removed is over', textOf(story));
    };
    const waits = (which: (ticket: Begun['waiting'][number]) => boolean) => {
      for (const ticket of waiting.filter(which)) {
        const seated = this.watch.stories
          .open()
          .find(
            (story) =>
              story.holder === sessionHolder(ticket.sessionId) &&
              story.recorded &&
              !story.end &&
              story.userId === ticket.userId &&
              story.machineId === ticket.machineId,
          );
        if (seated) this.fail(task, 'what is removed is over', `${ticket.sessionId} waited, and has ${textOf(seated)}`);
      }
    };
    const ofSession = (session: string) => (story: Story) => story.holder === sessionHolder(session);
    switch (operation.kind) {
      case 'deactivate': {
        const { session, user, fence } = operation;
        const isMeant = (story: Story) => story.userId === this.userId(user) && story.fence === (fence ?? story.fence);
        if (outcome === 'ended') left((story) => ofSession(session)(story) && isMeant(story));
        return;
      }
      case 'void':
        if (outcome === 'voided') left((story) => story.holder === offlineHolder(operation.id));
        return;
      case 'force':
        if (outcome === 'ended') left(ofSession(operation.session));
        return;
      case 'remove-machine':
      case 'remove-machine-license': {
        const { machine } = operation;
        if (outcome !== 'removed') return;
        left((story) => story.machineId === machine && story.kind === 'session');
        return waits(({ machineId }) => machineId === machine);
      }
      case 'remove-license':
      case 'remove-member': {
        const userId = this.userId(operation.user);
        if (outcome !== 'removed') return;
        left((story) => story.userId === userId && story.kind !== 'offline' && story.kind !== 'machine');
        return waits((ticket) => ticket.userId === userId);
      }
    }
  };

  /** A refusal must have been right at some moment of its request. */
  private refusal = (task: Task, operation: Operation, { outcome }: Answer, { moment }: Begun) => {
    const moments = this.watch.since(moment);
    // A request may see the old terms in one step, and the new ones in the next.
    const allTerms = [...new Set(moments.map(({ terms }) => terms))];
    const never = (isSo: (moment: Moment, now: number) => boolean) =>
      !moments.some((one) => allTerms.some((terms) => isSo({ ...one, terms }, one.now + task.skewMs)));
    const own = this.holderOf(operation);
    const held = (now: number) => (story: Story) => story.until > now && story.holder !== own;
    switch (outcome) {
      case 'suspended':
      case 'expired':
        if (never(({ terms }, now) => statusOf(terms, now) === outcome))
          this.fail(task, 'no false refusal', `never was ${outcome}`);
        return;
      case 'blocked':
        if ('machine' in operation && never((one, now) => isBlockedIn(one, operation.machine, now)))
          this.fail(task, 'no false refusal', 'never was blocked');
        return;
      case 'exhausted': {
        const lowest = ({ terms }: Moment) => (operation.kind === 'issue' ? terms.offline.reserveOnline + 1 : 1);
        // Waiting sessions go first, as long as any clock may count their tickets.
        const waiting = ({ tickets }: Moment, now: number) =>
          tickets.filter(({ aliveUntil, sessionId }) => sessionHolder(sessionId) !== own && aliveUntil > now - 120_000)
            .length;
        if (never((one, now) => freeNumbers(one, held(now), lowest(one)).length <= waiting(one, now)))
          this.fail(task, 'no false refusal', 'a seat was free all the time');
        return;
      }
      case 'waiting': {
        // A session whose ticket has died joins the queue anew, at its end.
        const place = ({ tickets }: Moment, now: number) =>
          tickets.find(({ sessionId, aliveUntil }) => sessionHolder(sessionId) === own && aliveUntil > now);
        const before = (one: Moment, now: number) =>
          one.tickets.filter(
            ({ arrivedAt, aliveUntil }) =>
              arrivedAt < (place(one, now)?.arrivedAt ?? Number.POSITIVE_INFINITY) && aliveUntil > now - 120_000,
          ).length;
        if (never((one, now) => freeNumbers(one, held(now)).length <= before(one, now)))
          this.fail(task, 'no false refusal', 'a seat was free for it all the time, and it waits');
        return;
      }
      case 'machines-exhausted': {
        const machine = 'machine' in operation ? operation.machine : '';
        // Another activation of the session may have got it a place for another machine. A transfer gives its place up.
        const isElsewhere = (story: Story) =>
          operation.kind === 'activate' && story.recorded && story.machineId !== machine;
        const takes = (now: number) => (story: Story) => held(now)(story) || (story.until > now && isElsewhere(story));
        const full = (one: Moment, now: number) => {
          const has = machinesIn(one, (story) => story.recorded && held(now)(story)).has(machine);
          return !has && placesTaken(one, takes(now)).size >= one.terms.machineQuota;
        };
        if (never(full)) this.fail(task, 'no false refusal', `there was a place for ${machine} all the time`);
      }
    }
  };

  private holderOf = (operation: Operation): string | undefined => {
    if (operation.kind === 'grant') return userHolder(this.userId(operation.user));
    return 'session' in operation ? sessionHolder(operation.session) : undefined;
  };
}
