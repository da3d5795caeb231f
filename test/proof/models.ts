/** One search of a model that must find nothing. */
interface Run {
  name: string;
  defines: Readonly<Record<string, number>>;
  /** The LTL formula that must hold, under weak fairness. */
  liveness?: string;
  /** Too large for an exhaustive search: states are bits of a table of 2^bits. */
  bits?: number;
  /** Also in `npm test`. */
  small?: true;
}

/** A model with one rule of the order left out: the search must find a broken rule. */
interface Mutant {
  /** The switch in the model. */
  name: string;
  /** The missing rule, as "without …" goes on. */
  without: string;
  defines?: Readonly<Record<string, number>>;
  /** The rule that breaks. */
  breaks: string;
  liveness?: string;
  small?: true;
}

interface Model {
  /** The file in this folder, without `.pml`. */
  name: string;
  about: string;
  runs: readonly Run[];
  mutants: readonly Mutant[];
  /** The statements that no run reaches, by a part of their text, each with the reason. */
  unreached?: Readonly<Record<string, string>>;
}

const noTime = { HORIZON: 0, SKEW: 0 };

const afterMove = 'A seat that has moved no longer has its old claim, so that free finds nothing.';
const notMade = 'A transfer whose commit was refused finds no move of its own to record.';

export const models: readonly Model[] = [
  {
    name: 'seat',
    about: 'A seat: claim, renewal, release, forced end, lapse, sweep, resize, suspension.',
    runs: [
      { name: 'three sessions come and go, on two seats', defines: { ...noTime, SESSIONS: 3, RELEASES: 1 } },
      {
        name: 'one session asks twice at once, and is released',
        defines: { ...noTime, SESSIONS: 2, REQUESTS_OF_1: 2, RELEASES: 1 },
      },
      {
        name: 'writes that come twice, before a release and after it',
        defines: { ...noTime, SESSIONS: 2, COPIES: 1, RELEASES: 1 },
        small: true,
      },
      { name: 'leases end, by clocks that differ', defines: { SESSIONS: 2, HORIZON: 3, SKEW: 1 } },
      { name: 'a shrink while two sessions run', defines: { ...noTime, SESSIONS: 3, RESIZES: 1, RUNNING: 2 } },
      {
        name: 'a shrink while a lapsed session may come back',
        defines: { SESSIONS: 2, RUNNING: 1, HEARTBEATS: 1, HORIZON: 3, SKEW: 0, RESIZES: 1 },
      },
      { name: 'a suspension', defines: { ...noTime, SESSIONS: 2, SUSPENSIONS: 1 } },
      {
        name: 'a sweep beside a session whose lease ends',
        defines: { SESSIONS: 2, HORIZON: 3, SKEW: 1, RUNNING: 1, SWEEPS: 1 },
      },
      {
        name: 'a sweep beside releases; one process may die',
        defines: { ...noTime, SESSIONS: 2, SWEEPS: 1, CRASHES: 1, RELEASES: 1 },
      },
      {
        name: 'a forced end while the session asks twice; one process may die',
        defines: { ...noTime, SESSIONS: 2, REQUESTS_OF_1: 2, FORCED: 1, CRASHES: 1 },
      },
      {
        name: 'heartbeats that come twice, or late',
        defines: { SESSIONS: 2, HORIZON: 2, SKEW: 0, HEARTBEATS: 1, COPIES: 1, RUNNING: 2 },
      },
      {
        name: 'a shrink while a session asks twice',
        defines: { ...noTime, SESSIONS: 2, REQUESTS_OF_1: 2, RESIZES: 1 },
      },
      {
        name: 'a shrink and a growth of three seats, two of them held',
        defines: { ...noTime, SESSIONS: 3, SEATS: 3, RESIZES: 2, RUNNING: 2 },
      },
    ],
    mutants: [
      {
        name: 'M_RECORD_FIRST',
        without: 'a claim before its record',
        defines: { ...noTime, SESSIONS: 2, REQUESTS_OF_1: 2 },
        breaks: 'one_session_got_two_answers',
      },
      {
        name: 'M_NO_VOID',
        without: 'voiding a claim without a record before it is claimed again or closed',
        defines: { ...noTime, SESSIONS: 2, REQUESTS_OF_1: 2, SWEEPS: 1 },
        breaks: 'one_session_got_two_answers',
        small: true,
      },
      {
        name: 'M_NO_VERIFY',
        without: 'a read of the terms after the claim',
        defines: { ...noTime, SESSIONS: 2, SUSPENSIONS: 1 },
        breaks: 'a_claim_made_while_suspended_was_answered',
      },
      {
        name: 'M_RECORD_BEFORE_VERIFY',
        without: 'verifying before the record',
        defines: { ...noTime, SESSIONS: 2, SUSPENSIONS: 1 },
        breaks: 'a_claim_made_while_suspended_was_answered',
      },
      {
        name: 'M_NO_CLOSE',
        without: 'closing lapsed seats before `claimable` is raised',
        defines: { SESSIONS: 2, RUNNING: 1, HEARTBEATS: 1, HORIZON: 3, SKEW: 0, RESIZES: 1 },
        breaks: 'more_sessions_than_the_quota_after_a_shrink',
      },
      {
        name: 'M_RECORD_CLOSED_FIRST',
        without: 'closing the seat of a lapsed session before its record',
        defines: { SESSIONS: 2, HORIZON: 3, SKEW: 1, RUNNING: 1, SWEEPS: 1, HEARTBEATS: 1 },
        breaks: 'a_certain_session_lost_its_seat',
      },
      {
        name: 'M_SEAT_BEFORE_RECORD',
        without: 'ending the record before its seat is freed',
        defines: { ...noTime, SESSIONS: 2, REQUESTS_OF_1: 2, RELEASES: 1 },
        breaks: 'one_session_got_two_answers',
      },
    ],
  },
  {
    name: 'slot',
    about: 'The slot of a machine: one slot, two machines, three requests.',
    runs: [{ name: 'three requests and a release, one may die', defines: { CRASHES: 1 }, small: true }],
    mutants: [
      {
        name: 'M_NO_REVISION',
        without: 'the condition that an idle machine’s record is unchanged since before the seats were listed',
        breaks: 'two_machines_are_in_use',
      },
      {
        name: 'M_SLOT_BEFORE_SEAT',
        without: 'the seat’s claim before the machine’s slot',
        breaks: 'two_machines_are_in_use',
      },
      {
        name: 'M_NO_VOID',
        without: 'voiding a slot’s claim that has no record before it is claimed again',
        breaks: 'two_machines_are_in_use',
      },
    ],
  },
  {
    name: 'slot-quota',
    about: 'A machine quota that begins to bind while machines are in use.',
    runs: [{ name: 'three newcomers, one may die', defines: { CRASHES: 1 } }],
    mutants: [
      {
        name: 'M_COUNT_CLAIMS',
        without: 'voiding claims in flight, which count as machines in use instead',
        breaks: 'a_machine_came_in_over_the_quota',
      },
    ],
  },
  {
    name: 'removal',
    about: 'The removal of a machine.',
    runs: [{ name: 'four newcomers on two machines; the removal may die', defines: { CRASHES: 1 } }],
    mutants: [
      {
        name: 'M_NO_FINISH',
        without: 'finishing the removal before the machine frees its slot',
        defines: { CRASHES: 1 },
        breaks: 'two_machines_are_in_use',
      },
      {
        name: 'M_BY_RECORD',
        without: 'listing the seats before a slot is taken from a machine',
        defines: { CRASHES: 1 },
        breaks: 'two_machines_are_in_use',
      },
    ],
  },
  {
    name: 'move',
    about: 'The transfer of a session to another machine.',
    runs: [
      {
        name: 'two transfers, a release, a lapse, a request that finds the move; one may die',
        defines: { TRANSFERS: 2, RESOLVERS: 1, TRIES: 0, CRASHES: 1 },
      },
      {
        name: 'a transfer that begins again, two requests that find it; one may die',
        defines: { TRANSFERS: 1, RESOLVERS: 2, TRIES: 1, CRASHES: 1 },
      },
    ],
    mutants: [
      {
        name: 'M_NO_UNMARK',
        without: 'taking the mark off the seat before the intent is dropped',
        defines: { TRANSFERS: 1, TRIES: 0 },
        breaks: 'an_ended_session_holds_a_seat',
      },
    ],
    unreached: {
      '(proctype Transfer) mark = 0': afterMove,
      '(proctype Transfer) marks = 0': afterMove,
      '(proctype Transfer) seat.holder = 0': afterMove,
      '(proctype Resolver) mark = 0': afterMove,
      '(proctype Resolver) marks = 0': afterMove,
      '(proctype Transfer) moving = 0': notMade,
      '(proctype Transfer) revision = (revision+1)': notMade,
      '(proctype Transfer) todo = 0': notMade,
      '(proctype Transfer) todo = ( ((isActive||(fence!=f))) -> (0) : (4) )': notMade,
    },
  },
  {
    name: 'offline',
    about: 'An offline license: issue, drop, void.',
    runs: [{ name: 'two requests with one key, a drop, a voiding; one may die', defines: { CRASHES: 1 } }],
    mutants: [
      {
        name: 'M_NOT_FINAL',
        without: 'leaving a voided license as it is, at a repetition of its request',
        breaks: 'a_voided_license_was_issued_again',
      },
      {
        name: 'M_SEAT_BEFORE_RECORD',
        without: 'voiding the record before its seat is freed',
        breaks: 'an_issued_license_lost_its_seat',
      },
      {
        name: 'M_NO_VOID',
        without: 'voiding a claim without a record before it is closed',
        breaks: 'an_issued_license_lost_its_seat',
        small: true,
      },
    ],
  },
];
