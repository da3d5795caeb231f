import type { EndedReason } from '../../../../shared/contracts/schemas/activation.ts';
import { mayComeBack } from '../../../../shared/domain/holder-record.ts';
import type { Answer, Draft, Operation, Terms } from './pool-operations.ts';

// What users rely on, as a plain value: who holds what in a pool. It does not decide by itself which free number somebody
// gets, or whether a lease that ended is still revived: `after` judges an answer, and says what is so after it.

/** A session's latest activation. */
export interface Activation {
  user: number;
  machine: string;
  number: number;
  fence: number;
  /** When its lease ends, epoch ms. */
  until: number;
  /** Why it ended, as far as is known: one of these. Absent while it has not. */
  ended?: readonly EndedReason[];
  /** Its time was over, and somebody has its seat: it can't be revived. */
  gone?: true;
}

export interface LicenseOfUser {
  number: number;
  fence: number;
  ended: boolean;
  from?: { user: number; fence: number };
}

interface Offline {
  id: string;
  machine: string;
  number: number;
  fence: number;
  until: number;
}

export interface Reference {
  floating: boolean;
  now: number;
  terms: Terms;
  sessions: Readonly<Record<string, Activation>>;
  /** By user. */
  licenses: Readonly<Record<number, LicenseOfUser>>;
  offline: readonly Offline[];
  /** Where licenses belong to users: the machines that are registered, and whose they are; null: an offline license’s alone. */
  machines: Readonly<Record<string, number | null>>;
  /** Until when a machine may not come back, epoch ms. */
  blocked: Readonly<Record<string, number>>;
  removed: readonly number[];
}

/** Judges an answer: what is so after it, or what is wrong with it. */
export type Judged = Reference | string;

export const statusOf = ({ terms, now }: Reference) =>
  terms.expiresAt <= now ? 'expired' : terms.suspended ? 'suspended' : 'active';

/** Whether it holds a license now. */
export const isLive = ({ now, terms }: Reference, session: Activation | undefined): boolean =>
  session !== undefined && !session.ended && !session.gone && Math.min(session.until, terms.expiresAt) > now;

export const live = (state: Reference): [string, Activation][] =>
  Object.entries(state.sessions).filter(([, session]) => isLive(state, session));

export const licensed = (state: Reference): [number, LicenseOfUser][] =>
  Object.entries(state.licenses).flatMap(([user, license]) => (license.ended ? [] : [[Number(user), license]]));

export const offlineNow = ({ offline, now }: Reference) => offline.filter(({ until }) => until > now);

/** The numbers that are held. A session whose subscription ended before its lease is none, and yet on its seat. */
const heldNumbers = (state: Reference): number[] => [
  ...(state.floating
    ? Object.values(state.sessions).filter(({ ended, until }) => !ended && until > state.now)
    : licensed(state).map(([, license]) => license)
  ).map(({ number }) => number),
  ...offlineNow(state).map(({ number }) => number),
];

/** The numbers that may be claimed: after a shrink none that would exceed the quota. */
const freeNumbers = (state: Reference, lowest: number): number[] => {
  const { quota } = state.terms;
  const held = heldNumbers(state);
  let claimable = quota;
  while (claimable > 0 && claimable + held.filter((number) => number > claimable).length > quota) claimable--;
  const numbers = Array.from({ length: claimable }, (_, index) => index + 1);
  return numbers.filter((number) => number >= lowest && !held.includes(number));
};

export const registeredMachines = (state: Reference): string[] => {
  const offline = offlineNow(state).map(({ machine }) => machine);
  if (!state.floating)
    return Object.keys(state.machines).filter(
      (machine) => state.machines[machine] !== null || offline.includes(machine),
    );
  return [...new Set([...live(state).map(([, { machine }]) => machine), ...offline])];
};

const machinesBind = ({ floating, terms }: Reference) => !floating || terms.machineQuota < terms.quota;

/** Whether there is a place for the machine. */
const fits = (state: Reference, machine: string): boolean => {
  const registered = registeredMachines(state);
  return !machinesBind(state) || registered.includes(machine) || registered.length < state.terms.machineQuota;
};

const isBlocked = ({ blocked, now }: Reference, machine: string) => (blocked[machine] ?? 0) > now;

const leaseEnd = ({ terms, now }: Reference) => Math.min(now + terms.leaseSeconds * 1000, terms.expiresAt);

/** Why an activation may be over that nobody ended: its time was. */
const timedOut: readonly EndedReason[] = ['lease-expired', 'subscription-expired'];

/** Ends sessions. One whose time was over may have been closed before, for that reason. */
const end = (
  state: Reference,
  which: (session: Activation, id: string) => boolean,
  reason: EndedReason,
): Reference => ({
  ...state,
  sessions: Object.fromEntries(
    Object.entries(state.sessions).map(([id, session]) => {
      if (session.ended || !which(session, id)) return [id, session];
      return [id, { ...session, ended: isLive(state, session) ? [reason] : [reason, ...timedOut] }];
    }),
  ),
});

/**
 * Whether an answer may concern a session that nobody was told of: a claim that was given up leaves a record of its end.
 */
const isGivenUp = ({ outcome, reason }: Answer) =>
  outcome === 'missing' || (outcome === 'ended' && (reason === undefined || reason === 'lease-expired'));

/** A number is somebody else's now. */
const taken = (state: Reference, number: number): Reference => ({
  ...state,
  sessions: Object.fromEntries(
    Object.entries(state.sessions).map(([id, session]) => [
      id,
      session.number === number && !session.ended ? { ...session, gone: true } : session,
    ]),
  ),
});

/** Notes the one reason that somebody was told. */
const told = (state: Reference, id: string, reason: EndedReason | undefined, among: readonly EndedReason[]): Judged => {
  const session = state.sessions[id];
  if (!session) return `${id} never was`;
  if (!reason || !among.includes(reason)) return `${id} ended as ${reason}, and not as ${among}`;
  return { ...state, sessions: { ...state.sessions, [id]: { ...session, ended: [reason] } } };
};

/** Ends a user's license, and what depends on it. */
const endLicense = (state: Reference, user: number, reason: EndedReason): Reference => {
  const license = state.licenses[user];
  if (!license || license.ended) return state;
  const ended = end(state, (session) => session.user === user, reason);
  const machines = Object.entries(state.machines).flatMap(([machine, owner]): [string, number | null][] => {
    if (owner !== user) return [[machine, owner]];
    const another = live(ended).find(([, session]) => session.machine === machine);
    if (another) return [[machine, another[1].user]];
    return offlineNow(state).some((one) => one.machine === machine) ? [[machine, null]] : [];
  });
  return {
    ...ended,
    licenses: { ...state.licenses, [user]: { ...license, ended: true } },
    machines: Object.fromEntries(machines),
  };
};

/**
 * How much the answers of a batch may differ from one after another: a claim that is about to be given back counts as
 * held while it stands.
 */
export interface Slack {
  /** How many other operations are made at once. */
  others: number;
  /** Those that claim a seat. */
  claims: number;
  /** The machines for which offline licenses are issued: their claims may be seen, and yet be given back. */
  issuing: readonly string[];
  /** Those that claim, or give up, a machine's slot. */
  machines: number;
  /** Whether one sets the terms anew: a request may see those of before in one step and those of after in another. */
  terms: boolean;
}

const refusedForSeats = (state: Reference, lowest: number, slack: Slack) =>
  freeNumbers(state, lowest).length <= slack.claims || 'a false refusal: seats are free';

const refusedForMachines = (state: Reference, machine: string, slack: Slack) => {
  if (!machinesBind(state)) return 'the machine quota does not bind';
  const registered = registeredMachines(state);
  if (registered.includes(machine) && slack.machines === 0) return 'a false refusal: the machine is registered';
  return (
    registered.length >= state.terms.machineQuota - slack.machines || 'a false refusal: there is room for the machine'
  );
};

const needs = (check: true | string, state: Reference): Judged => (check === true ? state : check);

const claimed = (state: Reference, number: number, lowest = 1): string | undefined =>
  freeNumbers(state, lowest).includes(number) ? undefined : `number ${number} may not be claimed`;

type Of<K extends Operation['kind']> = Extract<Operation, { kind: K }>;

const activated = (state: Reference, operation: Of<'activate'>, answer: Answer, slack: Slack): Judged => {
  const { session: id, user, machine } = operation;
  const before = state.sessions[id];
  const status = statusOf(state);
  if (status !== 'active') return answer.outcome === status ? state : `the subscription is ${status}`;
  const license = state.licenses[user];
  const isLicensed = license !== undefined && !license.ended;
  if (answer.outcome === 'not-licensed') return state.floating || isLicensed ? 'is licensed' : state;
  if (!state.floating && !isLicensed) return 'is not licensed';

  const same = before?.user === user && before.machine === machine;
  switch (answer.outcome) {
    case 'ended':
      // Ended by another request before it was recorded: nobody was told that it began.
      if ((!before || before.ended?.every(mayComeBack)) && slack.others > 0)
        return endedInFlight(state, operation, answer);
      if (!before?.ended || before.ended.every(mayComeBack)) return 'may come back';
      return told(
        state,
        id,
        answer.reason,
        before.ended.filter((reason) => !mayComeBack(reason)),
      );
    case 'conflict':
      return isLive(state, before) && !same ? state : 'is no conflict';
    case 'renewed':
      if (!before || before.ended || before.gone || !same) return 'there was nothing to renew';
      if (!isLive(state, before) && state.floating && heldNumbers(state).includes(before.number))
        return 'a seat for two';
      return renewed(state, id, before, answer, slack);
    case 'blocked':
      return isBlocked(state, machine) ? state : 'the machine is not blocked';
    case 'machines-exhausted':
      return needs(refusedForMachines(state, machine, slack), state);
    case 'exhausted':
      if (!fits(state, machine) && slack.machines === 0) return 'the machine is refused first';
      return state.floating ? needs(refusedForSeats(state, 1, slack), state) : 'takes no seat';
    case 'acquired':
      break;
    default:
      return 'no such answer';
  }
  if (isLive(state, before)) return 'it is live';
  if (before?.ended?.every((reason) => !mayComeBack(reason))) return `ended as ${before.ended}`;
  if (isBlocked(state, machine)) return 'the machine is blocked';
  if (!fits(state, machine)) return 'too many machines';
  const { seat } = answer;
  if (!seat) return 'no seat';
  if (seat.fence <= (before?.fence ?? 0)) return 'an old fence';
  const wrong = state.floating
    ? claimed(state, seat.number)
    : seat.number === license?.number
      ? undefined
      : 'not the number of the license';
  if (wrong) return wrong;
  if (!slack.terms && seat.until !== leaseEnd(state)) return `a lease until ${seat.until}`;
  // What the user ran before is over.
  const left = state.floating
    ? taken(state, seat.number)
    : end(state, (other, otherId) => otherId !== id && other.user === user, 'logged-in-elsewhere');
  return {
    ...left,
    machines: state.floating ? state.machines : { ...state.machines, [machine]: user },
    sessions: {
      ...left.sessions,
      [id]: { user, machine, number: seat.number, fence: seat.fence, until: seat.until },
    },
  };
};

const endedInFlight = (
  state: Reference,
  { session: id, user, machine }: Of<'activate'>,
  { reason }: Answer,
): Judged => {
  if (!reason || mayComeBack(reason)) return `ended as ${reason}`;
  const session = { user, machine, number: 0, fence: 0, until: state.now, ended: [reason] };
  return { ...state, sessions: { ...state.sessions, [id]: session } };
};

const renewed = (state: Reference, id: string, before: Activation, { seat }: Answer, slack: Slack): Judged => {
  if (!seat || seat.number !== before.number || seat.fence !== before.fence) return 'another seat';
  if (!slack.terms && seat.until !== leaseEnd(state)) return `a lease until ${seat.until}, not ${leaseEnd(state)}`;
  return { ...state, sessions: { ...state.sessions, [id]: { ...before, until: seat.until } } };
};

const beaten = (
  state: Reference,
  { session: id, told: claim, idleSeconds, user }: Of<'heartbeat'>,
  answer: Answer,
  slack: Slack,
): Judged => {
  const before = state.sessions[id];
  if (!before) return answer.outcome === 'missing' ? state : 'there is none';
  if (claim.fence !== before.fence || claim.seat !== before.number || user !== before.user)
    return ['ended', 'missing'].includes(answer.outcome) ? state : 'a stale fence counts';
  const { idleTimeoutMinutes } = state.terms;
  const idle = !state.floating && idleTimeoutMinutes !== null && idleSeconds >= idleTimeoutMinutes * 60;
  const status = statusOf(state);
  if (answer.outcome === 'extended') {
    if (before.ended || before.gone) return `ended as ${before.ended}`;
    if (status !== 'active' || idle) return 'must end';
    if (state.floating && !isLive(state, before) && heldNumbers(state).includes(before.number)) return 'a seat for two';
    return renewed(state, id, before, answer, slack);
  }
  if (answer.outcome !== 'ended') return 'no such answer';
  if (before.ended) return told(state, id, answer.reason, before.ended);
  const due: EndedReason[] = status !== 'active' ? [`subscription-${status}`] : idle ? ['idle-timeout'] : [];
  return told(state, id, answer.reason, isLive(state, before) ? due : [...due, ...timedOut]);
};

const removedFrom = (
  state: Reference,
  machine: string,
  reason: EndedReason,
  answer: Answer,
  registered: boolean,
): Judged => {
  const running = live(state).some(([, session]) => session.machine === machine);
  if (answer.outcome === 'missing') return running || registered ? 'it is there' : state;
  if (answer.outcome !== 'removed') return 'no such answer';
  return end(state, (session) => session.machine === machine, reason);
};

const isOffline = (state: Reference, machine: string) => offlineNow(state).some((one) => one.machine === machine);

const machineRemoved = (
  state: Reference,
  { machine, blockSeconds }: Of<'remove-machine'>,
  answer: Answer,
  slack: Slack,
): Judged => {
  if (answer.outcome === 'offline' && slack.issuing.includes(machine)) return state;
  if (isOffline(state, machine)) return answer.outcome === 'offline' ? state : 'an offline license is bound to it';
  const after = removedFrom(state, machine, 'machine-removed', answer, !state.floating && machine in state.machines);
  if (typeof after === 'string' || answer.outcome !== 'removed') return after;
  const { [machine]: _, ...machines } = after.machines;
  if (blockSeconds === undefined) return { ...after, machines };
  return { ...after, machines, blocked: { ...state.blocked, [machine]: state.now + blockSeconds * 1000 } };
};

const machineLicenseRemoved = (
  state: Reference,
  { machine }: Of<'remove-machine-license'>,
  answer: Answer,
  slack: Slack,
): Judged => {
  if (answer.outcome === 'offline' && slack.issuing.includes(machine)) return state;
  if (answer.outcome === 'offline')
    return isOffline(state, machine) && !live(state).some(([, session]) => session.machine === machine)
      ? state
      : 'is not only offline';
  if (isOffline(state, machine) && answer.outcome === 'missing') return 'it is there';
  return removedFrom(state, machine, 'license-removed', answer, !state.floating && machine in state.machines);
};

const moved = (
  state: Reference,
  { session: id, machine }: Of<'transfer-session'>,
  answer: Answer,
  slack: Slack,
): Judged => {
  const before = state.sessions[id];
  if (!before && answer.outcome === 'missing') return state;
  const status = statusOf(state);
  if (status !== 'active') return answer.outcome === status ? state : `the subscription is ${status}`;
  if (!before) return isGivenUp(answer) && slack.others > 0 ? state : 'there is none';
  const others = live(state).filter(([otherId]) => otherId !== id);
  switch (answer.outcome) {
    case 'ended':
      if (before.ended) return told(state, id, answer.reason, before.ended);
      return isLive(state, before) ? 'it is live' : told(state, id, answer.reason, timedOut);
    case 'offline':
      return [machine, before.machine].some((one) => isOffline(state, one) || slack.issuing.includes(one))
        ? state
        : 'no offline license is in the way';
    case 'blocked':
      return isBlocked(state, machine) ? state : 'the machine is not blocked';
    case 'machines-exhausted':
      if (!others.some(([, other]) => other.machine === before.machine) && slack.machines === 0)
        return 'its slot can go with it';
      return needs(refusedForMachines(state, machine, slack), state);
    case 'transferred':
      break;
    default:
      return 'no such answer';
  }
  const { seat } = answer;
  if (!isLive(state, before) || !seat) return 'it is not live';
  if (machine === before.machine)
    return seat.fence === before.fence && seat.until === before.until ? state : 'it was there already';
  if (isOffline(state, machine) || isOffline(state, before.machine)) return 'an offline license is in the way';
  if (isBlocked(state, machine)) return 'the machine is blocked';
  const { [id]: _, ...left } = state.sessions;
  const alone = !others.some(([, other]) => other.machine === before.machine);
  if (!fits({ ...state, sessions: left }, machine) && !alone) return 'too many machines';
  if (seat.number !== before.number || seat.fence !== before.fence + 1) return 'another seat';
  if (!slack.terms && seat.until !== leaseEnd(state)) return `a lease until ${seat.until}`;
  return {
    ...state,
    sessions: { ...state.sessions, [id]: { ...before, machine, fence: seat.fence, until: seat.until } },
  };
};

const issued = (state: Reference, { machine, forSeconds }: Of<'issue'>, answer: Answer, slack: Slack): Judged => {
  const { terms, now } = state;
  const status = statusOf(state);
  if (status !== 'active') return answer.outcome === status ? state : `the subscription is ${status}`;
  const until = forSeconds === undefined ? terms.expiresAt : now + forSeconds * 1000;
  if (until > terms.expiresAt) return answer.outcome === 'too-late' ? state : 'it would last too long';
  const lowest = terms.reserveOnline + 1;
  switch (answer.outcome) {
    case 'blocked':
      return isBlocked(state, machine) ? state : 'the machine is not blocked';
    case 'machines-exhausted':
      return needs(refusedForMachines(state, machine, slack), state);
    case 'exhausted':
      return fits(state, machine) || slack.machines > 0
        ? needs(refusedForSeats(state, lowest, slack), state)
        : 'the machine is refused first';
    case 'issued':
      break;
    default:
      return 'no such answer';
  }
  const { seat, id } = answer;
  if (!seat || !id) return 'no seat';
  const wrong = claimed(state, seat.number, lowest);
  if (wrong) return wrong;
  if (isBlocked(state, machine)) return 'the machine is blocked';
  if (!fits(state, machine)) return 'too many machines';
  if (seat.until !== until) return `until ${seat.until}`;
  const left = state.floating ? taken(state, seat.number) : state;
  return {
    ...left,
    machines: state.floating || machine in state.machines ? state.machines : { ...state.machines, [machine]: null },
    offline: [...state.offline, { id, machine, ...seat }],
  };
};

const granted = (state: Reference, { user }: Of<'grant'>, answer: Answer, slack: Slack): Judged => {
  const status = statusOf(state);
  if (status !== 'active') return answer.outcome === status ? state : `the subscription is ${status}`;
  const before = state.licenses[user];
  const has = before !== undefined && !before.ended;
  switch (answer.outcome) {
    case 'renewed':
      return has && answer.seat?.number === before.number && answer.seat.fence === before.fence ? state : 'had none';
    case 'missing':
      return state.removed.includes(user) ? state : 'is a member';
    case 'exhausted':
      return has ? 'has a license' : needs(refusedForSeats(state, 1, slack), state);
    case 'acquired':
      break;
    default:
      return 'no such answer';
  }
  const { seat } = answer;
  if (has) return 'had a license';
  if (state.removed.includes(user)) return 'is no member';
  if (!seat) return 'no seat';
  const wrong = claimed(state, seat.number);
  if (wrong) return wrong;
  return {
    ...state,
    licenses: { ...state.licenses, [user]: { number: seat.number, fence: seat.fence, ended: false } },
  };
};

const transferred = (state: Reference, { from, to }: Of<'transfer-license'>, answer: Answer, slack: Slack): Judged => {
  const status = statusOf(state);
  if (status !== 'active') return answer.outcome === status ? state : `the subscription is ${status}`;
  const [one, other] = [state.licenses[from], state.licenses[to]];
  const before = one && !one.ended ? one : undefined;
  const already = other !== undefined && !other.ended;
  const handedOn = already && one?.ended && other.from?.user === from && other.from.fence === one.fence;
  const bound =
    offlineNow(state).some(({ machine }) => state.machines[machine] === from) ||
    live(state).some(([, { user, machine }]) => user === from && isOffline(state, machine));
  switch (answer.outcome) {
    case 'licensed-already':
      return already && !handedOn ? state : 'the other has none';
    case 'not-licensed':
      return !already && !before ? state : 'has one';
    case 'offline':
      return bound || slack.issuing.length > 0 ? state : 'no offline license is in the way';
    case 'missing':
      return state.removed.includes(to) ? state : 'the other is a member';
    case 'transferred':
      break;
    default:
      return 'no such answer';
  }
  if (handedOn) return state;
  if (!before || already || bound || state.removed.includes(to)) return 'may not be transferred';
  const { seat } = answer;
  if (seat?.number !== before.number || seat.fence !== before.fence + 1) return 'another seat';
  const after = endLicense(state, from, 'license-transferred');
  const license = { number: seat.number, fence: seat.fence, ended: false, from: { user: from, fence: before.fence } };
  return { ...after, licenses: { ...after.licenses, [to]: license } };
};

/** What is so after an operation was answered; a text says why it could not be answered so. */
export const after = (state: Reference, operation: Operation, answer: Answer, slack: Slack): Judged => {
  // Others were in the way for too long: nothing was done.
  if (answer.outcome === 'contended' && slack.claims > 0) return state;
  switch (operation.kind) {
    case 'activate':
      return activated(state, operation, answer, slack);
    case 'heartbeat':
      return beaten(state, operation, answer, slack);
    case 'deactivate': {
      const session = state.sessions[operation.session];
      if (!session) return answer.outcome === 'missing' ? state : 'there is none';
      if (session.user !== operation.user) return state;
      if (answer.outcome !== 'ended') return 'no such answer';
      return end(state, (_, id) => id === operation.session, 'released');
    }
    case 'force':
      if (!(operation.session in state.sessions)) return isGivenUp(answer) ? state : 'there is none';
      if (answer.outcome !== 'ended') return 'no such answer';
      return end(state, (_, id) => id === operation.session, 'license-removed');
    case 'look': {
      const session = state.sessions[operation.session];
      if (!session) return isGivenUp(answer) ? state : 'there is none';
      if (answer.outcome === 'active') return isLive(state, session) ? state : 'it is over';
      if (session.ended) return told(state, operation.session, answer.reason, session.ended);
      return isLive(state, session) ? 'it is live' : told(state, operation.session, answer.reason, timedOut);
    }
    case 'transfer-session':
      return moved(state, operation, answer, slack);
    case 'issue':
      return issued(state, operation, answer, slack);
    case 'void':
      return { ...state, offline: state.offline.filter(({ id }) => id !== operation.id) };
    case 'remove-machine':
      return machineRemoved(state, operation, answer, slack);
    case 'remove-machine-license':
      return machineLicenseRemoved(state, operation, answer, slack);
    case 'grant':
      return granted(state, operation, answer, slack);
    case 'remove-license':
      if ((answer.outcome === 'missing') !== !(operation.user in state.licenses)) return 'no such answer';
      return endLicense(state, operation.user, 'user-removed');
    case 'transfer-license':
      return transferred(state, operation, answer, slack);
    case 'remove-member': {
      if (answer.outcome !== 'removed') return 'no such answer';
      const left = { ...state, removed: [...state.removed, operation.user] };
      return state.floating
        ? end(left, ({ user }) => user === operation.user, 'user-removed')
        : endLicense(left, operation.user, 'user-removed');
    }
    case 'set':
      return answer.outcome === 'changed' ? { ...state, terms: operation.terms } : 'no such answer';
    case 'schedule':
      return answer.outcome === 'settled' ? state : 'it failed';
  }
};

/** What a client asks for, from what it was told before. */
export const asked = (state: Reference, draft: Draft): Operation | undefined => {
  switch (draft.kind) {
    case 'heartbeat':
    case 'deactivate': {
      const session = state.sessions[draft.session];
      if (!session) return undefined;
      const { number: seat, fence, user } = session;
      if (draft.kind === 'deactivate') return { ...draft, user };
      const { stale, ...beat } = draft;
      return { ...beat, user, told: { seat, fence: stale ? fence - 1 : fence } };
    }
    case 'set': {
      const { endsIn, ...changes } = draft.changes;
      const terms = { ...state.terms, ...changes };
      if (endsIn !== undefined) terms.expiresAt = state.now + endsIn * 1000;
      return { kind: 'set', terms };
    }
    default:
      return draft;
  }
};
