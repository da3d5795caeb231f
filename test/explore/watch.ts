import { isRecordOf, mayComeBack, type Session } from '../../shared/domain/holder-record.ts';
import { type License, seatOfUse } from '../../shared/domain/license.ts';
import type { Machine } from '../../shared/domain/machine.ts';
import type { OfflineLicense } from '../../shared/domain/offline.ts';
import type { Ticket } from '../../shared/domain/queue.ts';
import {
  type HeldSeat,
  type Holder,
  holderId,
  offlineHolder,
  type Seat,
  sessionHolder,
  userHolder,
} from '../../shared/domain/seat.ts';
import { machineQuotaBinds, type Subscription, statusOf } from '../../shared/domain/subscription.ts';
import { seatOf } from '../../shared/table/items/seats.ts';
import { parse } from '../../shared/table/store/item.ts';
import { keys, kindOfItem, type Pool } from '../../shared/table/store/keys.ts';
import type { Item } from '../../shared/table/store/table.ts';
import { Decisions } from './decisions.ts';
import type { Written } from './mirror.ts';
import { freeNumbers, isBlockedIn, type Moment, machinesIn } from './moments.ts';
import { Stories, type Story, textOf } from './stories.ts';
import type { Task, World } from './world.ts';

/** The most blocks of a pool here. */
const mostBlocks = 4;

/** A broken invariant. */
export interface Violation {
  invariant: string;
  detail: string;
}

/** Returns whether a license was closed for a reason, which its session's record tells next. */
const hasClosed = ({ closedUse }: License, { fence }: Story): boolean =>
  closedUse?.fence === fence && closedUse.reason !== undefined;

const placeOf = ({ sessionId, arrivedAt }: Pick<Ticket, 'sessionId' | 'arrivedAt'>) => `${sessionId}#${arrivedAt}`;

/**
 * Follows every write of a pool and checks the invariants after each: one holder per number, nobody above the quotas,
 * growing fences, kept leases, lasting offline licenses, final ends with one reason.
 */
export class Watch {
  readonly stories = new Stories();
  readonly moments: Moment[] = [];
  readonly decisions = new Decisions();
  violation: Violation | undefined;
  /** The reasons ever told for each session's end, even without a license. */
  readonly reasons = new Map<string, Set<string>>();
  /** The places that have stood in the line: session and arrival. A request may die between its ticket and the entry. */
  private readonly listed = new Set<string>();
  private readonly world: World;
  private readonly pool: Pool;
  private readonly toleranceMs: number;

  /** @param toleranceMs how far a clock may differ from the world's time: a lease may end early by that */
  constructor(world: World, pool: Pool, toleranceMs: number) {
    this.world = world;
    this.pool = pool;
    this.toleranceMs = toleranceMs;
    world.watcher = this;
    this.moments.push(this.look());
  }

  violated = (invariant: string, detail: string) => {
    this.violation ??= { invariant, detail };
  };

  now = (): number => this.moments.length - 1;

  /** Returns the moments from this one on. */
  since = (first: number): Moment[] =>
    this.moments
      .slice(Math.max(0, first))
      .flatMap((moment) => [moment, ...moment.copies.map((terms) => ({ ...moment, terms }))]);

  passed = () => {
    const last = this.moments.at(-1);
    if (last && last.now !== this.world.now) this.moments.push({ ...last, now: this.world.now });
  };

  written = ({ before, after }: Written, task: Task | undefined) => {
    const item = after ?? before;
    if (!item) return;
    const kind = kindOfItem(item);
    const next = this.moments.length;
    switch (kind) {
      case 'SEAT':
        this.seat(before, after, next, task);
        break;
      case 'LICENSE':
        this.license(before as License | undefined, after as License | undefined, task?.moment ?? next);
        break;
      case 'SUB':
        if (task && !this.wrote.has(task)) this.wrote.set(task, parse(keys.subscription(this.pool), item).version);
        break;
      case 'TERMS':
      case 'SLOT':
      case 'WAIT':
      case 'MACHINE':
      case 'RECORD':
      case 'OFFLINE':
        break;
      case 'LINE':
        this.listed.add(placeOf(item as unknown as Ticket));
        return;
      default:
        return;
    }
    const moment = this.look();
    this.moments.push(moment);
    if (kind === 'RECORD') this.session(before as Session | undefined, after as Session | undefined);
    if (kind === 'OFFLINE') this.offline(before as OfflineLicense | undefined, after as OfflineLicense | undefined);
    if (kind === 'LICENSE') this.granted(after as License | undefined);
    if (kind === 'MACHINE') this.machine(before as Machine | undefined, after as Machine | undefined);
    this.structure(moment);
  };

  /** The copies of the subscription beside the blocks of seats. */
  private copies = (): Subscription[] =>
    Array.from({ length: mostBlocks - 1 }, (_, index) => this.world.mirror.get(keys.terms(this.pool, index + 2)))
      .filter((copy) => copy !== undefined)
      .map((copy) => parse(keys.terms(this.pool, 2), copy));

  /** The first version that a task wrote. */
  private readonly wrote = new Map<Task, number>();

  /** A change of the terms was answered: no block may have older ones. */
  isSet = (task: Task) => {
    const version = this.wrote.get(task) ?? 0;
    const older = this.copies().filter((copy) => copy.version < version);
    if (older.length > 0)
      this.violated('answered terms stand', `${task.what}: version ${version}, and copies ${JSON.stringify(older)}`);
  };

  private look = (): Moment => {
    const { mirror, now } = this.world;
    const { pk } = keys.seat(this.pool, 1);
    const key = keys.subscription(this.pool);
    const terms = parse(key, mirror.get(key) ?? {});
    const copies = this.copies().filter(({ version }) => version < terms.version);
    return {
      now,
      terms,
      copies,
      holds: this.stories.open(),
      machines: mirror.under(pk, 'MACHINE#') as unknown as Machine[],
      slots: mirror
        .under(pk, 'SLOT#')
        .map(seatOf)
        .filter((slot): slot is HeldSeat => slot.hold !== undefined),
      tickets: mirror.under(pk, 'WAIT#') as unknown as Ticket[],
    };
  };

  private seat = (before: Item | undefined, after: Item | undefined, since: number, task: Task | undefined) => {
    if (!after) return this.violated('seats stay', `the item of a seat was deleted: ${JSON.stringify(before)}`);
    const [was, is] = [before && seatOf(before), seatOf(after)];
    if (was && is.fence < was.fence) this.violated('fences grow', `${JSON.stringify(was)}, then ${JSON.stringify(is)}`);
    const stood = was?.hold && this.stories.of(was.hold.holder, was);
    const same = was?.hold && is.hold && was.fence === is.fence && was.hold.holder === is.hold.holder;
    if (was?.hold && is.hold && !same && was.fence === is.fence)
      this.violated('one holder per claim', `${JSON.stringify(was)}, then ${JSON.stringify(is)}`);
    if (stood && !same) this.closed(stood, is, since);
    if (is.hold) this.stories.standing(is as HeldSeat, { onSeat: true, since, asked: task?.moment ?? since });
  };

  /** Somebody claimed, freed or closed the seat on which a claim stood. */
  private closed = (story: Story, is: Seat | undefined, since: number) => {
    story.open = false;
    story.closedSince = since;
    const isMove =
      (story.kind === 'session' && is?.hold?.holder === story.holder && is.hold.claimId === story.moveId) ||
      (story.kind === 'user' && is?.hold?.holder.startsWith('user#'));
    // An end by terms closes the seat before the record, and leaves its reason on the seat.
    const isByTerms = is?.last?.fence === story.fence && is.last.reason !== undefined && this.isOverByTerms(story);
    if (!story.recorded || story.end || isMove || isByTerms) return;
    const early = story.until - this.world.now;
    if (early > this.toleranceMs)
      this.violated(
        'a lease is kept',
        `${textOf(story)} lost its seat ${early} ms before its end, to ${JSON.stringify(is)}`,
      );
  };

  /** Returns whether the subscription was over since the claim's last extension: then its seat may close before its record. */
  private isOverByTerms = ({ extendedFrom }: Story): boolean =>
    this.since(extendedFrom).some(({ terms, now }) => statusOf(terms, now + this.toleranceMs) !== 'active');

  /** Follows a license and its use. */
  private license = (before: License | undefined, after: License | undefined, since: number) => {
    // A request checks the user's rights before it claims a license, but after it claims a seat.
    const useOf = (license: License | undefined) =>
      license?.status === 'active' && license.inUse ? seatOfUse(license, license.inUse) : undefined;
    const [was, is] = [useOf(before), useOf(after)];
    const stood = was && this.stories.of(was.hold.holder, was);
    if (is) this.stories.standing(is, { onSeat: false, since, asked: since });
    if (!stood || (is && is.fence === was.fence && is.hold.holder === was.hold.holder)) return;
    stood.open = false;
    stood.closedSince = this.moments.length;
    const isDisplaced = is !== undefined || after?.status !== 'active' || hasClosed(after, stood);
    if (!stood.recorded || stood.end || isDisplaced) return;
    const early = stood.until - this.world.now;
    if (early > this.toleranceMs)
      this.violated('a lease is kept', `${textOf(stood)} lost its license ${early} ms before its end`);
  };

  private session = (before: Session | undefined, after: Session | undefined) => {
    if (!after) return;
    const holder = sessionHolder(after.sessionId);
    const was = before?.status === 'active' ? this.stories.of(holder, before) : undefined;
    if (was && !(after.status === 'active' && isRecordOf(after, was))) this.sessionEnded(was, after);
    const ended = before?.status === 'ended' && isRecordOf(after, before) ? before.endedReason : undefined;
    if (ended && after.status === 'ended' && ended !== after.endedReason)
      this.violated('one reason per end', `${after.sessionId} ended as ${ended}, then as ${after.endedReason}`);
    if (after.endedReason)
      this.reasons.set(after.sessionId, new Set(this.reasons.get(after.sessionId)).add(after.endedReason));
    if (after.status !== 'active') return;
    if (before?.endedReason && !mayComeBack(before.endedReason))
      this.violated(
        'an end by decision is for good',
        `${after.sessionId} ended as ${before.endedReason}, and is active`,
      );
    if (before && isRecordOf(before, after) && before.status === 'active') return;
    if (before && after.fence <= before.fence)
      this.violated('fences grow', `${after.sessionId}: ${before.fence}, then ${after.fence}`);
    const story = this.stories.of(holder, after);
    if (!story) return this.violated('a record stands for a claim', `${after.sessionId}: ${JSON.stringify(after)}`);
    // A request whose clock is behind records a claim whose lease another clock saw end: the first heartbeat learns so.
    if (story.onSeat && !story.open && story.until - this.world.now > this.toleranceMs)
      this.violated('a record stands for a claim', `${textOf(story)} was recorded after its seat was taken away`);
    this.recorded(story);
  };

  private sessionEnded = (story: Story, after: Session) => {
    const previous = after.previous.find(({ number, fence }) => number === story.number && fence === story.fence);
    const ended = isRecordOf(after, story) ? { reason: after.endedReason, at: after.endedAt } : previous;
    const { reason = 'lease-expired', at = this.world.now } = ended ?? {};
    if (story.end && story.end.reason !== reason)
      this.violated('one reason per end', `${textOf(story)} ended as ${story.end.reason}, then as ${reason}`);
    story.end ??= { reason, at, since: this.now() };
    const early = story.until - this.world.now;
    if (reason === 'lease-expired' && early > this.toleranceMs)
      this.violated('a lease is kept', `${textOf(story)} ended as lease-expired ${early} ms before its lease`);
    if (!this.decisions.allow(story, reason))
      this.violated('an end was decided', `${textOf(story)} ended as ${reason}, and began after each such decision`);
    if (reason === 'subscription-suspended' || reason === 'subscription-expired') this.endedWithTerms(story, reason);
  };

  /** An end by the subscription must follow terms that are no older than the last answer to the session. */
  private endedWithTerms = (story: Story, reason: 'subscription-suspended' | 'subscription-expired') => {
    const isSo = ({ terms, now }: Moment) =>
      reason === 'subscription-suspended' ? terms.suspended : terms.expiresAt <= now + this.toleranceMs;
    if (!this.since(story.extendedFrom).some(isSo))
      this.violated(
        'ended by terms that are so',
        `${textOf(story)} ended as ${reason}, by terms from before it went on`,
      );
  };

  private offline = (before: OfflineLicense | undefined, after: OfflineLicense | undefined) => {
    const story = after && this.stories.of(offlineHolder(after.id), after);
    // Only the vendor's voiding ends an issued license.
    if (story && after.voidedAt !== undefined)
      story.end ??= { reason: 'license-removed', at: after.voidedAt, since: this.now() };
    if (!after) return;
    if (after.status === 'ended') {
      // Nobody was told of a pending license.
      if (before?.status === 'active') this.violated('an offline license stays', JSON.stringify(after));
      if (story) story.end ??= { reason: 'lease-expired', at: this.world.now, since: this.now() };
      return;
    }
    if (!story) return this.violated('a record stands for a claim', `offline ${JSON.stringify(after)}`);
    if (!story.recorded) this.recorded(story);
  };

  private granted = (after: License | undefined) => {
    if (!after) return;
    const story = this.stories.of(userHolder(after.userId), after);
    if (after.status === 'ended' && story?.recorded)
      story.end ??= { reason: after.endedReason ?? 'lease-expired', at: after.endedAt ?? 0, since: this.now() };
    if (after.status !== 'ended' && story && !story.recorded) this.recorded(story);
  };

  /** Checks a claim that counts from now on: some moment since the claim must have allowed it. */
  private recorded = (story: Story) => {
    story.recorded = true;
    const moments = this.since(story.since);
    const fail = (invariant: string) => {
      const { quota, claimable, machineQuota, machineClaimable, slotsComplete } = this.moments.at(-1)!.terms;
      const terms = JSON.stringify({ quota, claimable, machineQuota, machineClaimable, slotsComplete });
      const others = this.moments
        .at(-1)!
        .holds.filter(({ recorded }) => recorded)
        .map(textOf);
      this.violated(invariant, `${textOf(story)}; recorded: ${others.join(', ')}; ${terms}`);
    };
    const isMove = this.stories
      .every()
      .some((other) => other.kind === story.kind && other.moveId !== undefined && other.moveId === story.claimId);
    const isTransfer = story.kind === 'user' && story.fence > 1 && this.isHandedOver(story);
    if (story.onSeat && !isMove && !isTransfer) {
      if (!moments.some(({ terms }) => terms.claimable >= story.number)) fail('no number above what may be claimed');
      const counted = ({ holds }: Moment) =>
        holds.filter((other) => other.onSeat && (other.recorded || other === story));
      if (!moments.some((moment) => counted(moment).length <= moment.terms.quota)) fail('the quota');
    }
    if (story.onSeat && story.kind === 'session' && !isMove && this.toleranceMs === 0) this.inTurn(story);
    // A moving claim was verified before the move.
    const began = !isMove && !isTransfer;
    if (began && !moments.some(({ terms, now }) => statusOf(terms, now - this.toleranceMs) === 'active'))
      fail('nothing begins on a subscription that is over');
    const { machineId } = story;
    if (machineId === undefined) return;
    if (moments.every((moment) => isBlockedIn(moment, machineId, moment.now + this.toleranceMs)))
      fail('a machine that was removed for a time stays away');
    const others = (moment: Moment) => machinesIn(moment, (other) => other.recorded && other !== story);
    const fits = (moment: Moment) =>
      !machineQuotaBinds(moment.terms) ||
      others(moment).has(machineId) ||
      others(moment).size < moment.terms.machineQuota ||
      (isMove && others(this.moments[story.since - 1] ?? moment).size >= others(moment).size);
    if (!moments.some(fits)) fail('the machine quota');
  };

  /** Checks that sessions that wait longer in the line go first: a newcomer gets the rest. */
  private inTurn = (story: Story) => {
    const sessionId = holderId(story.holder as Holder);
    const isInTurn = (moment: Moment) => {
      const own = moment.tickets.find((ticket) => ticket.sessionId === sessionId);
      const arrivedAt = Math.min(own?.arrivedAt ?? Infinity, this.moments[story.asked]?.now ?? 0);
      const others = moment.holds.filter((other) => other !== story);
      const seated = new Set(others.filter(({ until }) => until > moment.now).map(({ holder }) => holder));
      // Tickets of an earlier release have no entry in the line.
      const mayBeUnlisted = moment.terms.queueUntil !== undefined;
      const before = moment.tickets.filter(
        (ticket) =>
          (mayBeUnlisted || this.listed.has(placeOf(ticket))) &&
          ticket.arrivedAt < arrivedAt &&
          ticket.aliveUntil > moment.now &&
          !seated.has(sessionHolder(ticket.sessionId)) &&
          ticket.sessionId !== sessionId,
      );
      return freeNumbers({ ...moment, holds: others }, ({ until }) => until > moment.now).length > before.length;
    };
    if (!this.since(story.asked).some(isInTurn))
      this.violated(
        'those who wait longer go first',
        `${textOf(story)}, before ${JSON.stringify(this.moments.at(-1)?.tickets)}`,
      );
  };

  private isHandedOver = (story: Story): boolean =>
    this.stories
      .every()
      .some(
        (other) =>
          other.kind === 'user' &&
          other.number === story.number &&
          other.fence === story.fence - 1 &&
          other.recorded &&
          other.closedSince === story.since,
      );

  /** A machine is registered from now on, for named users. */
  private machine = (before: Machine | undefined, after: Machine | undefined) => {
    const last = this.moments.at(-1)!;
    if (last.terms.licenseType === 'floating' || after?.status !== 'active' || before?.status === 'active') return;
    const { machineId } = after;
    const recent = this.since(this.slotSince(after));
    const others = (moment: Moment) => {
      const found = machinesIn(moment, (story) => story.recorded);
      found.delete(machineId);
      return found;
    };
    const wasUsed = recent.some(({ holds }) => holds.some((story) => story.recorded && story.machineId === machineId));
    if (!wasUsed && !recent.some((moment) => others(moment).size < moment.terms.machineQuota))
      this.violated(
        'the machine quota',
        `${machineId} is registered beside ${[...others(last)]}, of ${last.terms.machineQuota}`,
      );
  };

  /** The moment since when a machine's slot is held by it. */
  private slotSince = ({ number, fence }: Machine): number => {
    const isHeld = ({ slots }: Moment) => slots.some((slot) => slot.number === number && slot.fence === fence);
    let first = this.now();
    while (first > 0 && isHeld(this.moments[first - 1] as Moment)) first--;
    return first;
  };

  /** Checks the structure that every order of writes must keep at every moment. */
  private structure = ({ terms, holds, slots, machines }: Moment) => {
    const counted = holds.filter(({ onSeat, recorded }) => onSeat && recorded);
    const above = counted.filter(({ number }) => number > terms.claimable);
    if (terms.claimable > 0 && terms.claimable + above.length > terms.quota)
      this.violated(
        'the quota',
        `${terms.claimable} numbers may be claimed beside ${above.map(textOf)}, of ${terms.quota}`,
      );
    const named = slots.filter((slot) =>
      machines.some((machine) => holderId(slot.hold.holder) === machine.machineId && isRecordOf(machine, slot)),
    );
    const slotsAbove = named.filter(({ number }) => number > terms.machineClaimable);
    if (terms.machineClaimable > 0 && terms.machineClaimable + slotsAbove.length > terms.machineQuota)
      this.violated(
        'the machine quota',
        `${terms.machineClaimable} slots may be claimed beside ${JSON.stringify(slotsAbove)}`,
      );
  };
}
