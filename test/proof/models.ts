/** One search of a model that must find nothing. */
interface Run {
  name: string;
  defines: Readonly<Record<string, number>>;
  /** The LTL formula that must hold, under weak fairness. */
  liveness?: string;
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
const oneRemoval = 'Only a removal ends a license while another process completes it, and each user has one removal.';

// A transfer of a session, and of a license.
const ofEach: readonly Readonly<Record<string, number>>[] = [{}, { OF_LICENSE: 1 }];

// Cases of the queue.
const twoWaitOneComes = { WAITING: 2, SEATS: 2, GIVEN_BACK: 2, B_POLLS: 1, C_POLLS: 1 };
const threeWait = { ...twoWaitOneComes, WAITING: 3, C_WAITS: 1 };
const oneIsTaken = { WAITING: 2, SEATS: 3, FREE_SEATS: 3, GIVEN_BACK: 0, TAKEN: 1, C_POLLS: 1 };
const duplicates = { SEATS: 1, A_POLLS: 2, A_AGAIN: 2, ENDS: 1 };
const duplicatesOfFirst = { WAITING: 2, SEATS: 1, A_POLLS: 2, A_AGAIN: 1, B_POLLS: 1, ENDS: 1 };
const dies = { SEATS: 1, A_POLLS: 2, A_AGAIN: 1, C_POLLS: 1, CRASHES: 1, GIVEN_BACK: 0 };
const leaves = { WAITING: 1, SEATS: 1, A_AGAIN: 1, LEAVES: 1 };
const removed = { WAITING: 1, SEATS: 1, A_POLLS: 2, A_AGAIN: 1, REMOVED: 1 };
const endsOnce = { WAITING: 2, SEATS: 1, A_POLLS: 1, A_AGAIN: 1, B_POLLS: 1, LAPSES: 1 };
const threeJoin = { SEATS: 1, A_POLLS: 1, B_POLLS: 1, C_POLLS: 1, C_WAITS: 1, LIVE: 1 };
const behindDead = { WAITING: 2, SEATS: 1, A_POLLS: 0, B_POLLS: 1, C_POLLS: 1, LIVE: 1 };
const dyingRequest = { SEATS: 1, A_POLLS: 1, A_AGAIN: 1, B_POLLS: 1, CRASHES: 1, LIVE: 1 };
const behindServed = { WAITING: 2, LEFTOVER: 1, SEATS: 1, A_POLLS: 1, B_POLLS: 1, LIVE: 1 };
const nobodyElse = { ALONE: 1, WAITING: 2, SEATS: 2, FREE_SEATS: 2, GIVEN_BACK: 0, A_POLLS: 0, C_POLLS: 1, PAGE: 1 };
const { ALONE: _, ...behindTwo } = nobodyElse;
const behindEnded = { ...behindTwo, TAKEN: 1, LAPSES: 1 };
const served = 'everyone_is_served';
const overtook = 'a_session_overtook_another_that_was_told_its_place';
const stray = 'an_entry_of_a_session_that_does_not_wait';

// Cases of a member's removal.
const twoGrants = { MEMBER: 1, GRANTS: 1 };
const comes = { RUNS: 1, POLLS_OF_2: 1 };
const waitsAlone = { WAITS: 1, POLLS: 2, GIVEN_BACK: 2 };
const afterAnswer = 'a_session_goes_on_after_the_answer';
const afterCheck = 'a_session_goes_on_after_the_check';
const newEnded = 'a_session_of_the_new_membership_was_ended';

// Cases of a pool in blocks.
const laterPush = 'A push that arrives once more finds its own version, or a newer one.';
const shrinkInBlocks = { SEATS: 2, REQUESTS: 2, LAPSES: 1, HEARTBEATS: 1 };
const suspendInBlocks = { SEATS: 2, QUOTA_1: 2, ACTIVE_1: 0 };
const suspendAndResume = { ...suspendInBlocks, CHANGES: 2, QUOTA_2: 2 };
const shrinkAndSuspend = { SEATS: 2, CHANGES: 2, QUOTA_2: 2, ACTIVE_2: 0 };
const firstGrowth = { SEATS: 2, QUOTA: 1, HELD_SEAT: 0, QUOTA_1: 2 };
const growInBlocks = { SEATS: 3, QUOTA_1: 3, LAPSES: 1 };
const noCopies = { SEATS: 2, NO_COPIES: 1, HELD_SEAT: 2 };
const overQuota = 'more_sessions_than_the_quota_when_one_was_verified';
const refusedAlone = 'refused_alone_although_the_quota_is_not_held';
const extendsLate = 'a_heartbeat_extends_after_the_suspension_was_answered';

// Cases of a pool with censuses.
const oneBlock = { BLOCKS: 1, CERTIFIED: 0, REQUESTS: 2 };
const growth = { BLOCKS: 1, CERTIFIED: 1, OPEN: 1, GROWTHS: 1 };
const growthInBlocks = { OPEN: 1, GROWTHS: 1, CLAIMS: 2 };
const leaseEnds = { BLOCKS: 2, FREE_SEAT: 1, END: 2, FULL_UNTIL: 2, CLAIMS: 1, HORIZON: 3 };
const releaseDies = { SEATS: 1, FULL_UNTIL: 40, CLAIMS: 1, RELEASES: 1, LEASE: 2, LIFE: 2, HORIZON: 3 };
const wrongClocks = { END: 2, CLAIMS: 1, HEARTBEATS: 1, LEASE: 3, LIFE: 1, MARGIN: 1, SKEW: 1, HORIZON: 3 };
const shortened = { SEATS: 1, END: 9, REQUESTS: 2, SHORTENED: 1, LEASE: 9, HORIZON: 1 };
const watchEnds = { SEATS: 1, FULL_UNTIL: 40, CLAIMS: 1, RELEASES: 2, LIFE: 1, STALE: 1, UNWATCH: 2, HORIZON: 2 };
const isLost = { FREE_SEAT: 1, REQUESTS: 2, CLAIMS: 1, RELEASES: 1, LOSSES: 1 };
const refusedWrongly = 'refused_while_a_seat_was_free_all_the_time';

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
        name: 'liveness: three sessions ask, on two seats that are given back',
        defines: { ...noTime, SESSIONS: 3, RELEASES: 1, LIVE: 1 },
        liveness: 'everyone_is_served',
      },
      {
        name: 'liveness: a session asks while two dead ones hold the seats',
        defines: { SESSIONS: 3, RUNNING: 2, DEAD: 2, HORIZON: 2, SKEW: 1, LIVE: 1 },
        liveness: 'everyone_is_served',
      },
      {
        name: 'liveness: two sessions ask beside a dead one; one request dies',
        defines: { SESSIONS: 3, RUNNING: 1, DEAD: 1, HORIZON: 2, SKEW: 0, CRASHES: 1, LIVE: 1 },
        liveness: 'everyone_is_served',
      },
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
        name: 'a shrink, and writes that come twice',
        defines: { ...noTime, SESSIONS: 2, RESIZES: 1, COPIES: 1 },
      },
      {
        name: 'a shrink and a growth of three seats, two of them held',
        defines: { ...noTime, SESSIONS: 3, SEATS: 3, RESIZES: 2, RUNNING: 2 },
      },
    ],
    mutants: [
      {
        name: 'M_LAPSED_STAYS',
        without: 'taking a lapsed seat for free',
        defines: { SESSIONS: 3, RUNNING: 2, DEAD: 2, HORIZON: 2, SKEW: 1, LIVE: 1 },
        liveness: 'everyone_is_served',
        breaks: 'everyone_is_served',
      },
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
  {
    name: 'license',
    about: 'The transfer of a user’s license to another user.',
    runs: [
      { name: 'two transfers, a grant, two removals, the schedule; one may die', defines: { CRASHES: 1 } },
      { name: 'the receiver leaves the organization; one may die', defines: { LEAVING: 1, CRASHES: 1 } },
      { name: 'a transfer beside a grant; one may die', defines: { TWO_ALONE: 1, CRASHES: 1 } },
      { name: 'the receiver is removed, twice, beside a transfer and a grant', defines: { MEMBER: 1 } },
      {
        name: 'a member is removed, twice, and joins again, beside two grants; one may die',
        defines: { ...twoGrants, JOINS: 1, CRASHES: 1 },
      },
    ],
    mutants: [
      {
        name: 'M_COMPLETE_FIRST',
        without: 'ending the one’s license before the other’s is good',
        breaks: 'two_can_use_one_seat',
      },
      {
        name: 'M_NO_INTENT_ID',
        without: 'an ID of each intent: a grant can get the same claim',
        breaks: 'a_license_without_its_seat',
      },
      {
        name: 'M_NO_VERIFIED',
        without: 'verifying an intent before others carry it out',
        defines: { LEAVING: 1 },
        breaks: 'a_license_was_taken_and_nobody_got_it',
      },
      {
        name: 'M_NO_REVISION',
        without: 'the condition that the receiver’s license is as it was read',
        defines: { LEAVING: 1 },
        breaks: 'a_license_was_taken_and_nobody_got_it',
      },
      {
        name: 'M_SEAT_FIRST',
        without: 'an intent before the seat moves',
        defines: { TWO_ALONE: 1 },
        breaks: 'a_license_was_taken_and_nobody_got_it',
      },
      {
        name: 'M_NO_WALK',
        without: 'voiding the claims of a removed member that have no license',
        defines: twoGrants,
        breaks: 'a_former_member_has_a_license',
      },
      {
        name: 'M_GRANT_BLIND',
        without: 'reading the membership after the claim of a grant',
        defines: twoGrants,
        breaks: 'a_former_member_has_a_license',
      },
      {
        name: 'M_MEMBER_FIRST',
        without: 'reading the license before the membership, at a removal',
        defines: { ...twoGrants, JOINS: 1 },
        breaks: 'a_license_of_the_new_membership_was_removed',
      },
    ],
    unreached: {
      '(proctype Remove) todo = 1': oneRemoval,
      '(proctype Remove) seats[k].by = 0': oneRemoval,
      '(proctype Settle) todo = 1': oneRemoval,
      '(proctype Settle) seats[k].by = 0': oneRemoval,
    },
  },
  {
    name: 'member',
    about: 'The removal of a member, and the check a minute later: sessions and waits.',
    runs: [
      {
        name: 'one session runs, another waits for a seat; the removal is repeated, one may die',
        defines: { RUNS: 1, POLLS_OF_2: 2, GIVEN_BACK: 1, ROUNDS: 2, CRASHES: 1 },
      },
      { name: 'a session waits; one may die', defines: { ...waitsAlone, ROUNDS: 2, CRASHES: 1 } },
      { name: 'the member joins again; one may die', defines: { ...comes, JOINS: 1, ROUNDS: 2, CRASHES: 1 } },
      { name: 'a waiting member joins again', defines: { ...waitsAlone, POLLS_OF_2: 1, JOINS: 1 } },
      { name: 'the session moves twice; one may die', defines: { RUNS: 1, MOVES: 2, CRASHES: 1 }, small: true },
    ],
    mutants: [
      {
        name: 'M_MEMBERSHIP_LAST',
        without: 'the end of the membership before its consequences',
        defines: comes,
        breaks: afterAnswer,
      },
      { name: 'M_NO_CHECK', without: 'a check', defines: comes, breaks: 'a_seat_is_held_after_the_check' },
      {
        name: 'M_AT_ONCE',
        without: 'waiting until the gateway’s answers and the requests are over',
        defines: comes,
        breaks: afterCheck,
      },
      {
        name: 'M_SEATS_FIRST',
        without: 'reading the tickets before the seats',
        defines: waitsAlone,
        breaks: afterAnswer,
      },
      { name: 'M_BY_RECORD', without: 'ending claims that have no record', defines: comes, breaks: afterAnswer },
      { name: 'M_NO_VOID', without: 'voiding a claim without a record', defines: comes, breaks: afterCheck },
      {
        name: 'M_ONCE',
        without: 'reading the seat again after an end',
        defines: { RUNS: 1, MOVES: 1 },
        breaks: afterAnswer,
      },
      {
        name: 'M_ALL',
        without: 'sparing a membership that began anew',
        defines: { ...comes, JOINS: 1 },
        breaks: newEnded,
      },
      {
        name: 'M_MEMBER_FIRST',
        without: 'reading the seats before the membership',
        defines: { ...comes, JOINS: 1 },
        breaks: newEnded,
        small: true,
      },
    ],
  },
  {
    name: 'bound',
    about: 'An offline license that is issued while a transfer concerns its machine.',
    runs: [
      { name: 'a session’s transfer; one may die', defines: { CRASHES: 1 } },
      { name: 'a license’s transfer; one may die', defines: { CRASHES: 1, OF_LICENSE: 1 } },
    ],
    mutants: ofEach.flatMap((defines) => [
      {
        name: 'M_TRANSFER_BLIND',
        without: 'looking for offline claims again, after the mark',
        defines,
        breaks: 'a_transfer_was_made_after_an_offline_license',
      },
      {
        name: 'M_ISSUE_BLIND',
        without: 'looking for transfers after the claim',
        defines,
        breaks: 'a_transfer_was_made_after_an_offline_license',
      },
      {
        name: 'M_NO_CLOSE',
        without: 'closing a lapsed offline claim',
        defines,
        breaks: 'a_transfer_was_made_after_an_offline_license',
      },
    ]),
  },
  {
    name: 'terms',
    about: 'The end of a session by its subscription’s terms.',
    runs: [{ name: 'a slow heartbeat and two others, while the subscription is resumed', defines: {} }],
    mutants: [
      {
        name: 'M_OLD_TERMS',
        without: 'reading the terms again after the lease',
        breaks: 'a_lease_extended_after_the_resumption_ended',
      },
      {
        name: 'M_RECORD_FIRST',
        without: 'closing the seat first, if nobody extended the lease since',
        breaks: 'an_end_before_the_last_heartbeat',
      },
    ],
  },
  {
    name: 'refusal',
    about: 'The refusal of a session, by two reads of the pool. An earlier request may have made the first.',
    runs: [{ name: 'three seats, eight changes', defines: { SEATS: 3 } }],
    mutants: [
      {
        name: 'M_ONE_READ',
        without: 'a second read',
        defines: { SEATS: 3 },
        breaks: 'refused_while_a_seat_was_free_all_the_time',
      },
      {
        name: 'M_NO_FENCE',
        without: 'comparing the claims of both reads',
        defines: { SEATS: 3 },
        breaks: 'refused_while_a_seat_was_free_all_the_time',
      },
      {
        name: 'M_NO_LEASE',
        without: 'looking whether the leases of an earlier request’s read last until the request',
        defines: { SEATS: 3 },
        breaks: 'refused_while_a_seat_was_free_all_the_time',
      },
    ],
  },
  {
    name: 'line',
    about: 'The queue, of which a poll reads only the head.',
    runs: [
      { name: 'two wait, one comes', defines: twoWaitOneComes },
      { name: 'three wait', defines: threeWait },
      { name: 'an offline license takes a seat', defines: oneIsTaken },
      { name: 'one joins, one comes', defines: { SEATS: 1, A_POLLS: 2, C_POLLS: 1 } },
      { name: 'two join', defines: { SEATS: 1, A_POLLS: 2, B_POLLS: 2 } },
      { name: 'two requests of one session', defines: duplicates },
      { name: 'two requests of a waiting session, and another', defines: duplicatesOfFirst },
      { name: 'a request dies', defines: dies },
      { name: 'a DELETE', defines: leaves },
      { name: 'a forced end', defines: removed },
      {
        name: 'three wait, poll twice and may die',
        defines: { ...threeWait, A_POLLS: 2, B_POLLS: 2, CRASHES: 1 },
      },
      { name: 'places end while two wait and one comes', defines: { ...twoWaitOneComes, LAPSES: 2 } },
      { name: 'a place ends while two requests of its session come, and another waits', defines: endsOnce },
      { name: 'pages of one entry, one comes behind two that wait', defines: nobodyElse, small: true },
      {
        name: 'pages of one entry, two wait, one comes, places end',
        defines: { ...twoWaitOneComes, PAGE: 1, LAPSES: 2 },
      },
      { name: 'pages of one entry, three wait, places end', defines: { ...threeWait, PAGE: 1, LAPSES: 2 } },
      {
        name: 'pages of two entries, three wait and poll twice',
        defines: { ...threeWait, A_POLLS: 2, B_POLLS: 2, PAGE: 2 },
      },
      { name: 'liveness: three join, for a seat that is given back', defines: threeJoin, liveness: served },
      { name: 'liveness: behind one that stops polling, beside one that comes', defines: behindDead, liveness: served },
      {
        name: 'liveness: a request dies, another of its session and one more ask',
        defines: dyingRequest,
        liveness: served,
      },
      {
        name: 'liveness: behind the place of a served session, which asks again',
        defines: behindServed,
        liveness: served,
      },
      { name: 'liveness: three join, pages of one entry', defines: { ...threeJoin, PAGE: 1 }, liveness: served },
      {
        name: 'liveness: a place ends although its session asks',
        defines: { ...threeJoin, C_POLLS: 0, LAPSES: 3 },
        liveness: served,
      },
    ],
    mutants: [
      {
        name: 'M_DEAD_STAYS',
        without: 'passing over an entry that nobody renews',
        defines: behindDead,
        liveness: served,
        breaks: served,
      },
      {
        name: 'M_DEAD_STAYS',
        without: 'passing over an entry that nobody renews, as a request dies',
        defines: { ...dyingRequest, A_AGAIN: 0 },
        liveness: served,
        breaks: served,
      },
      {
        name: 'M_USED_STAYS',
        without: 'removing a place that was served',
        defines: behindServed,
        liveness: served,
        breaks: served,
      },
      {
        name: 'M_NO_HEAD',
        without: 'a look at the head of the line before the claim',
        defines: threeJoin,
        liveness: served,
        breaks: served,
      },
      {
        name: 'M_FORMER_ALWAYS',
        without: 'keeping the entry of an ended place that a duplicate has renewed',
        defines: endsOnce,
        breaks: overtook,
      },
      {
        name: 'M_UPSERT',
        without: 'the condition that an entry is there, at its renewal',
        defines: duplicates,
        breaks: stray,
      },
      {
        name: 'M_NO_TURN',
        without: 'verifying its turn after the claim, as three wait',
        defines: threeWait,
        breaks: overtook,
      },
      {
        name: 'M_NO_TURN',
        without: 'verifying its turn after the claim, as one comes',
        defines: twoWaitOneComes,
        breaks: overtook,
      },
      {
        name: 'M_ONE_PAGE',
        without: 'reading the line on while seats may be left',
        defines: nobodyElse,
        breaks: 'a_claim_was_refused_although_nothing_changed',
        small: true,
      },
      {
        name: 'M_VERIFY_ONE_PAGE',
        without: 'reading the line on behind ended places, at the verification',
        defines: behindEnded,
        breaks: overtook,
      },
      {
        name: 'M_SEATS_FIRST',
        without: 'verifying the line before the seats',
        defines: oneIsTaken,
        breaks: overtook,
      },
      {
        name: 'M_STAMP_LAST',
        without: 'the stamp before the place',
        defines: dies,
        breaks: 'an_entry_that_no_request_looks_for',
      },
      { name: 'M_ENTRY_FIRST', without: 'the ticket before the entry', defines: duplicates, breaks: stray },
      {
        name: 'M_NO_LOOK_AGAIN',
        without: 'a look at the ticket and the record after the entry',
        defines: duplicates,
        breaks: stray,
      },
      {
        name: 'M_NO_LOOK_AFTER',
        without: 'a look for a ticket after the record',
        defines: duplicates,
        breaks: stray,
      },
      {
        name: 'M_USED_PLACE',
        without: 'giving up a place that was served',
        defines: duplicatesOfFirst,
        breaks: 'a_told_place_is_not_in_the_line',
      },
      {
        name: 'M_LEAVE_ENTRY_FIRST',
        without: 'marking the ticket before the entry goes, at a DELETE',
        defines: leaves,
        breaks: stray,
      },
      {
        name: 'M_FORCE_SEATS_FIRST',
        without: 'reading the tickets before the seats, at a forced end',
        defines: removed,
        breaks: 'a_session_was_removed_and_goes_on',
      },
    ],
  },
  {
    name: 'places',
    about: 'The maximum of an API key’s places in a queue.',
    runs: [
      { name: 'three requests; one may die, a place is given up', defines: { LEAVES: 1, CRASHES: 1 } },
      {
        name: 'three requests in the order of their arrivals; one may die, a place is given up',
        defines: { ORDERED: 1, LEAVES: 1, CRASHES: 1 },
      },
      { name: 'a maximum of two', defines: { MAXIMUM: 2, LEAVES: 1 } },
      {
        name: 'a maximum of two, in order, pages of two entries',
        defines: { MAXIMUM: 2, ORDERED: 1, PAGE: 2 },
        small: true,
      },
    ],
    mutants: [
      {
        name: 'M_NOT_AGAIN',
        without: 'counting again after the place',
        defines: { ORDERED: 1 },
        breaks: 'more_places_than_the_maximum',
      },
      {
        name: 'M_PAGE_ALONE',
        without: 'counting the places behind the page that was read',
        defines: { MAXIMUM: 2 },
        breaks: 'a_place_more_than_those_told_before',
      },
      { name: 'M_COUNT_ALL', without: 'counting only those that came before', breaks: 'all_gave_way' },
    ],
  },
  {
    name: 'census',
    about: 'The refusal of a session by the censuses of a large pool.',
    runs: [
      { name: 'two blocks', defines: { CLAIMS: 2 } },
      { name: 'two requests and two seats in a block', defines: oneBlock, small: true },
      { name: 'growth', defines: growth },
      { name: 'two requests in two blocks, two releases and claims', defines: { REQUESTS: 2, CLAIMS: 2, RELEASES: 2 } },
      {
        name: 'growth in blocks, two requests that read the subscription or a copy',
        defines: { ...growthInBlocks, REQUESTS: 2 },
      },
      { name: 'a claim is given back, two requests', defines: { CLAIMS: 2, GIVEN_BACK: 1, REQUESTS: 2 } },
    ],
    mutants: [
      { name: 'M_ONE_PASS', without: 'a second pass', defines: { CLAIMS: 2 }, breaks: refusedWrongly },
      {
        name: 'M_NO_EPOCH',
        without: 'the condition that a block is certified in the epoch as read',
        defines: oneBlock,
        breaks: refusedWrongly,
      },
      { name: 'M_NO_WATCH', without: 'watching the seats', defines: oneBlock, breaks: refusedWrongly },
      {
        name: 'M_WATCH_ANY',
        without: 'the condition of the claim as read, at a watch',
        defines: oneBlock,
        breaks: refusedWrongly,
      },
      {
        name: 'M_ANSWER_FIRST',
        without: 'dissolving the certificate before a release is answered',
        defines: { HELD_SEATS: 2, CERTIFIED: 2 },
        breaks: refusedWrongly,
      },
      { name: 'M_OLD_TERMS', without: 'comparing the terms of both passes', defines: growth, breaks: refusedWrongly },
      {
        name: 'M_OLD_TERMS',
        without: 'comparing the terms of both passes, in blocks',
        defines: growthInBlocks,
        breaks: refusedWrongly,
      },
      {
        name: 'M_NO_UP_TO',
        without: 'looking up to which number a certificate goes',
        defines: growth,
        breaks: refusedWrongly,
      },
      {
        name: 'M_GIVE_BACK_QUIETLY',
        without: 'dissolving the certificate when a claim is given back',
        defines: { BLOCKS: 1, CERTIFIED: 0, GIVEN_BACK: 1 },
        breaks: refusedWrongly,
      },
    ],
  },
  {
    name: 'census-lease',
    about: 'The ends of leases under the censuses of a large pool.',
    runs: [
      { name: 'a lease ends in one of two blocks', defines: leaseEnds, small: true },
      { name: 'a lease ends, two requests and claims', defines: { ...leaseEnds, REQUESTS: 2, CLAIMS: 2 } },
      { name: 'a release may die, and the lease of the next claim ends', defines: releaseDies },
      { name: 'clocks that differ', defines: wrongClocks },
      { name: 'a lease is shortened, two requests', defines: shortened },
      { name: 'a watch ends, two releases', defines: watchEnds },
      { name: 'a census is lost, two requests', defines: isLost },
    ],
    mutants: [
      {
        name: 'M_CLOCK_FIRST',
        without: 'reading the clock after the censuses',
        defines: leaseEnds,
        breaks: refusedWrongly,
        small: true,
      },
      {
        name: 'M_LONG_LIFE',
        without: 'the end of a certificate before the lease of a later claim',
        defines: releaseDies,
        breaks: refusedWrongly,
      },
      {
        name: 'M_NO_MARGIN',
        without: 'a margin for the clocks',
        defines: { ...wrongClocks, SEATS: 1 },
        breaks: refusedWrongly,
      },
      {
        name: 'M_SHORT_STAYS',
        without: 'dissolving the certificate when a lease is shortened',
        defines: shortened,
        breaks: refusedWrongly,
      },
      {
        name: 'M_END_AS_READ',
        without: 'taking the end of a lease from the write that watches its seat',
        defines: shortened,
        breaks: refusedWrongly,
      },
      {
        name: 'M_UNWATCH_EARLY',
        without: 'watching a seat as long as a certificate may rely on it',
        defines: watchEnds,
        breaks: refusedWrongly,
      },
      {
        name: 'M_EPOCHS_AGAIN',
        without: 'new epochs for a census that was lost',
        defines: isLost,
        breaks: refusedWrongly,
      },
    ],
  },
  {
    name: 'blocks',
    about: 'A large pool, whose blocks have copies of the terms.',
    runs: [
      { name: 'a shrink, two requests, a lapse and a late heartbeat', defines: shrinkInBlocks },
      { name: 'a shrink beside a suspension', defines: shrinkAndSuspend },
      { name: 'a suspension and a resumption, a release', defines: { ...suspendAndResume, RELEASES: 1 } },
      {
        name: 'a suspension and a resumption, a push that arrives once more',
        defines: { ...suspendAndResume, LATE: 1 },
      },
      {
        name: 'the growth from one block, beside a shrink',
        defines: { ...firstGrowth, CHANGES: 2, QUOTA_2: 1, LAPSES: 1 },
      },
      { name: 'growth within the last block', defines: growInBlocks },
      {
        name: 'a shrink of three blocks, a push that arrives once more',
        defines: { SEATS: 3, BLOCKS: 3, QUOTA: 3, HELD_SEAT: 2, QUOTA_1: 2, LATE: 1 },
      },
      { name: 'a shrink without copies, two requests', defines: { ...noCopies, REQUESTS: 2 } },
    ],
    mutants: [
      {
        name: 'M_ANSWER_FIRST',
        without: 'the pushes before the answer to a shrink',
        defines: shrinkInBlocks,
        breaks: overQuota,
      },
      {
        name: 'M_ANSWER_FIRST',
        without: 'the pushes before the answer to a suspension',
        defines: shrinkAndSuspend,
        breaks: extendsLate,
      },
      {
        name: 'M_ANY_COPY',
        without: 'the condition that a copy is older',
        defines: suspendAndResume,
        breaks: extendsLate,
      },
      {
        name: 'M_NO_VERIFY',
        without: 'a read of the terms beside the seat after the claim, at a shrink',
        defines: shrinkInBlocks,
        breaks: overQuota,
      },
      {
        name: 'M_NO_VERIFY',
        without: 'a read of the terms beside the seat after the claim, at a suspension',
        defines: { ...suspendInBlocks, HELD_SEAT: 2 },
        breaks: 'a_claim_was_verified_after_the_suspension_was_answered',
      },
      {
        name: 'M_NO_PUSH',
        without: 'a push of the terms by a request that finds copies behind',
        defines: shrinkInBlocks,
        breaks: refusedAlone,
      },
      {
        name: 'M_COPIES_REFUSE',
        without: 'reading the subscription before a refusal',
        defines: growInBlocks,
        breaks: refusedAlone,
      },
      {
        name: 'M_NEW_BLOCKS',
        without: 'pushing to the blocks above a smaller quota',
        defines: shrinkInBlocks,
        breaks: overQuota,
      },
      { name: 'M_STAYS_ABSENT', without: 'making absent copies', defines: noCopies, breaks: refusedAlone },
      {
        name: 'M_NOTE_FIRST',
        without: 'the pushes before their note',
        defines: shrinkInBlocks,
        breaks: overQuota,
      },
      {
        name: 'M_SAME_VERSION',
        without: 'a new version, and its pushes, for a repeated change',
        defines: { SEATS: 2, REQUESTS: 2, CHANGES: 2, LAPSES: 1 },
        breaks: overQuota,
      },
      {
        name: 'M_STAYS_OLD',
        without: 'making the copy that a claim found absent',
        defines: firstGrowth,
        breaks: refusedAlone,
      },
    ],
    unreached: {
      '(proctype World) claimable[lateBlock]': laterPush,
      '(proctype World) isOn[lateBlock]': laterPush,
      '(proctype World) version[lateBlock]': laterPush,
    },
  },
];
