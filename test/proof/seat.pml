/*
 * The seat engine: read, claim, verify, record, give back; heartbeat, release, forced end, lapse, sweep; resize by
 * `claimable`, suspension. Each label is a step of the code (steps.ts), or begins with `world_`.
 *
 * Processes of one session run at once. Any of them may pause for ever at any step, so a crash needs a step of its own only
 * where a rule speaks of the end. A function's clock is ahead of the true time by 0 to SKEW ticks.
 */
#include "store.pml"

#ifndef REQUESTS_OF_1
#define REQUESTS_OF_1 1 /* requests of session 1 at once */
#endif
#ifndef ROUNDS
#define ROUNDS 1 /* how often a request begins again */
#endif
#ifndef HORIZON
#define HORIZON 3 /* the last tick */
#endif
#ifndef SKEW
#define SKEW 1
#endif
#define LEASE 2
#ifndef HEARTBEATS
#define HEARTBEATS 0
#endif
#ifndef RELEASES
#define RELEASES 0
#endif
#ifndef FORCED
#define FORCED 0
#endif
#ifndef SWEEPS
#define SWEEPS 0
#endif
#ifndef COPIES
#define COPIES 0 /* writes of which a second copy arrives at any time: before the first, or late */
#endif
#ifndef RESIZES
#define RESIZES 0 /* 1: a shrink to 1; 2: then growth by 1 */
#endif
#ifndef SUSPENSIONS
#define SUSPENSIONS 0
#endif
#ifndef RUNNING
#define RUNNING 0 /* the first sessions that run at the beginning, on the last seats */
#endif

#ifndef DEAD
#define DEAD 0 /* the first sessions ask for nothing: they are dead runners, whose leases end */
#endif

RULE(a_certain_session_lost_its_seat);
RULE(more_sessions_than_the_quota_after_a_shrink);
RULE(a_claim_made_while_suspended_was_answered);
RULE(one_session_got_two_answers);
RULE(a_seat_is_held_without_a_record);
RULE(an_ended_session_came_back);

Seat seats[SEATS + 1];

#define NONE 0
#define ACTIVE 1
#define ENDED 2
#define FINAL 3 /* ended by a decision: the session may not come back */
typedef Record {
  byte status;
  byte seat;
  byte fence;
  byte revision
};
Record records[SESSIONS + 1];

byte quota = SEATS;
byte claimable = SEATS;
byte version;
bit suspended;
byte now;

/* The clients' view: the claim and the lease of the last answer, and whether the record has ended since. */
byte toldSeat[SESSIONS + 1];
byte toldFence[SESSIONS + 1];
byte toldUntil[SESSIONS + 1];
bit served[SESSIONS + 1];
/* Whether a claim was made after the last shrink, or during a suspension. */
bit isLate[SEATS + 1];
bit isBarred[SEATS + 1];

byte running; /* processes that are not over */

#define CERTAIN(s) (toldUntil[s] > now + SKEW)
#define NAMES(record, k, f) (record.seat == (k) && record.fence == (f))
/* A seat that counts by every clock, and whose claim was answered. */
#define COUNTS(k) (seats[k].until > now + SKEW && seats[k].holder != 0 && \
  records[seats[k].holder].status == ACTIVE && NAMES(records[seats[k].holder], k, seats[k].fence))
#define UNNAMED(k) (seats[k].until > now + SKEW && seats[k].holder != 0 && \
  !NAMES(records[seats[k].holder], k, seats[k].fence))

inline tell(s, k, f, u) {
  MUST(one_session_got_two_answers, !CERTAIN(s) || (toldSeat[s] == k && toldFence[s] == f));
  toldSeat[s] = k; toldFence[s] = f; toldUntil[s] = u; served[s] = 1
}
inline forget(s) { toldSeat[s] = 0; toldFence[s] = 0; toldUntil[s] = 0 }
/* A decision or a release ended the session: from now on it does not count on its lease. */
inline endedBy(s, f) { if :: toldFence[s] == f -> forget(s) :: else fi }

inline emptied(k) {
  seats[k].holder = 0; seats[k].until = 0; seats[k].by = 0; isLate[k] = 0; isBarred[k] = 0
}

/* The writes. Each is one conditional write of one item. */
mtype = { onEmpty, onLapsed, onClaim };
inline writeClaim(s, k, cond, f0, step, clock, u, id) {
  if
  :: (cond == onEmpty && seats[k].fence == f0) || (cond == onLapsed && seats[k].fence == f0 && LAPSED(seats[k], clock)) ||
     (cond == onClaim && STANDS(seats[k], s, f0)) ->
    seats[k].holder = s;
    seats[k].fence = seats[k].fence + step;
    seats[k].until = u;
    seats[k].by = id;
    isLate[k] = 1;
    isBarred[k] = suspended
  :: else
  fi
}
inline writeRenewal(s, k, f, u) {
  if :: STANDS(seats[k], s, f) && seats[k].until < u -> seats[k].until = u :: else fi
}
inline writeFree(s, k, f) {
  if :: STANDS(seats[k], s, f) -> emptied(k) :: else fi
}
inline writeRecord(s, k, f, rev) {
  if
  :: records[s].revision == rev ->
    MUST(an_ended_session_came_back, records[s].status != FINAL);
    MUST(a_claim_made_while_suspended_was_answered, !(STANDS(seats[k], s, f) && isBarred[k]));
    records[s].status = ACTIVE; records[s].seat = k; records[s].fence = f; records[s].revision = rev + 1
  :: else
  fi
}

/* One copy of a write, which the network delivers at any time. */
mtype = { nothing, aClaim, aRenewal, aFree, aRecord };
mtype copied = nothing;
byte copies = COPIES;
byte cS, cK, cF, cStep, cClock, cUntil, cId;
mtype cCond = onEmpty;
#define CAN_COPY (copies > 0 && copied == nothing)

inline delivered() {
  copied = nothing; cS = 0; cK = 0; cF = 0; cStep = 0; cClock = 0; cUntil = 0; cId = 0; cCond = onEmpty
}

active proctype Network() {
end_idle:
  do
  :: d_step { copied == aClaim -> writeClaim(cS, cK, cCond, cF, cStep, cClock, cUntil, cId); delivered() }
  :: d_step { copied == aRenewal -> writeRenewal(cS, cK, cF, cUntil); delivered() }
  :: d_step { copied == aFree -> writeFree(cS, cK, cF); delivered() }
  :: d_step { copied == aRecord -> writeRecord(cS, cK, cF, cStep); delivered() }
  od
}

/* A renewed claim whose record has ended meanwhile is answered, too: the next heartbeat tells. It does not count on its lease. */
inline answerRenewal() {
  if
  :: records[s].status == ACTIVE && NAMES(records[s], rSeat, rFence) -> tell(s, rSeat, rFence, u)
  :: else
  fi
}

/* The condition of a claim, by the seat as it was read. */
#define CONDITION (over -> onClaim : (((isLapsedMask >> k) & 1) -> onLapsed : onEmpty))

proctype Request(byte s; byte id) {
  byte i, skew, rounds, k, f, u, step;
  byte rRevision, rSeat, rFence;
  byte rStatus;
  byte seenClaimable, seenQuota, seenVersion, heldAbove, target;
  byte seenFence[SEATS + 1];
  byte isFree, isLapsedMask; /* by bits */
  byte own;
  bit gotRecord, gotSeats, over;
  bit isSuspended;

  atomic {
    if :: skew = 0 :: SKEW > 0 -> skew = SKEW fi;
    rounds = 0
  }
again:
  atomic {
    k = 0; f = 0; u = 0; step = 0; own = 0; isFree = 0; isLapsedMask = 0; gotRecord = 0; gotSeats = 0; over = 0;
    rRevision = 0; rSeat = 0; rFence = 0; rStatus = NONE; heldAbove = 0; target = 0; i = 0;
    seenClaimable = 0; seenQuota = 0; seenVersion = 0; isSuspended = 0;
#ifndef LIVE
    if :: rounds > ROUNDS -> goto finished :: else -> rounds++ fi
#endif
  }
  do
  :: d_step { !gotRecord ->
    STEP(read_record)
      rStatus = records[s].status; rSeat = records[s].seat; rFence = records[s].fence;
      rRevision = records[s].revision;
      seenClaimable = claimable; seenQuota = quota; seenVersion = version; isSuspended = suspended;
      gotRecord = 1 }
  :: d_step { !gotSeats ->
    STEP(read_seats)
      i = 1;
      do
      :: i <= SEATS ->
        seenFence[i] = seats[i].fence;
        if
        :: HELD(seats[i], now + skew) && seats[i].holder == s -> own = i
        :: HELD(seats[i], now + skew) && seats[i].holder != s
#ifdef M_LAPSED_STAYS
        :: LAPSED(seats[i], now + skew)
#else
        :: LAPSED(seats[i], now + skew) -> isFree = isFree | (1 << i); isLapsedMask = isLapsedMask | (1 << i)
#endif
        :: seats[i].holder == 0 -> isFree = isFree | (1 << i)
        fi;
        i++
      :: i > SEATS -> break
      od;
      i = 0; gotSeats = 1 }
  :: gotRecord && gotSeats -> break
  od;
  atomic {
    gotRecord = 0; gotSeats = 0;
    if
    :: isSuspended || rStatus == FINAL -> goto finished
    :: else
    fi;
    if
    :: rStatus == ACTIVE -> goto renew_recorded
    :: else
    fi
  };

find:
  atomic {
    if
    :: own != 0 && rStatus == ENDED && rSeat == own && rFence == seenFence[own] -> k = own; f = seenFence[own]; goto give_back
    :: own != 0 && !(rStatus == ENDED && rSeat == own && rFence == seenFence[own]) -> k = own; over = 1
    :: own == 0
    fi;
    if
    :: k != 0
    :: k == 0 && (isFree & 2) && seenClaimable >= 1 -> k = 1
    :: k == 0 && (isFree & 4) && seenClaimable >= 2 -> k = 2
#if SEATS > 2
    :: k == 0 && (isFree & 8) && seenClaimable >= 3 -> k = 3
#endif
    :: k == 0 && ((isFree >> 1) & ((1 << seenClaimable) - 1)) == 0 ->
      if
      :: seenClaimable < seenQuota -> i = SEATS; goto list_above
      :: else -> goto isFull
      fi
    fi;
    f = seenFence[k];
    step = (rFence > seenFence[k] -> rFence - seenFence[k] + 1 : 1);
    u = now + skew + LEASE;
    isFree = 0; own = 0
  };
  if
  :: over -> 
#ifndef M_NO_VOID
    if
    :: atomic { STEP(void)
        if
        :: records[s].revision == rRevision ->
          if
          :: rStatus == NONE -> records[s].status = ENDED; records[s].seat = k; records[s].fence = f
          :: else
          fi;
          records[s].revision = rRevision + 1;
          rRevision = rRevision + 1
        :: else -> goto again
        fi }
    OR_DIES
    fi
#else
    skip
#endif
  :: !over
  fi;
#ifdef M_RECORD_FIRST
  /* Mutant: records the claim that it is about to make. */
  d_step { writeRecord(s, k, f + step, rRevision) };
#endif
claiming:
  if
  :: atomic { STEP(claim)
      writeClaim(s, k, CONDITION, f, step, now + skew, u, id * 4 + rounds);
      /* Refused by its own earlier copy. */
      if
      :: seats[k].holder == s && seats[k].by == id * 4 + rounds -> f = seats[k].fence
      :: else -> goto again
      fi;
      isLapsedMask = 0; step = 0; over = 0 }
  OR_DIES
  :: atomic { CAN_COPY ->
      copies--; copied = aClaim; cS = s; cK = k; cF = f; cStep = step; cClock = now + skew; cUntil = u;
      cId = id * 4 + rounds; cCond = CONDITION;
      goto claiming }
  fi;
#ifdef M_RECORD_BEFORE_VERIFY
  atomic { target = (records[s].revision == rRevision); writeRecord(s, k, f, rRevision) };
#endif
verify:
#ifndef M_NO_VERIFY
  if
  :: atomic { STEP(verify)
      if
      :: suspended -> rounds = ROUNDS + 1; goto give_back /* refused, once its seat is given back */
      :: !suspended && k > claimable -> goto give_back
      :: else
      fi;
      STEP(too_late) if :: now + skew >= u -> goto give_back :: else fi }
  OR_DIES
  fi;
#endif
recording:
  if
  :: atomic { STEP(record)
#ifdef M_RECORD_FIRST
      if :: records[s].status == ACTIVE && NAMES(records[s], k, f) :: else -> goto give_back fi;
#elif defined(M_RECORD_BEFORE_VERIFY)
      if :: target :: else -> goto give_back fi;
#else
      writeRecord(s, k, f, rRevision);
      /* An earlier copy of this write may have done it. */
      if
      :: records[s].status == ACTIVE && NAMES(records[s], k, f) && records[s].revision > rRevision
      :: else -> goto give_back
      fi;
#endif
      tell(s, k, f, u);
      goto finished }
  OR_DIES
#ifndef M_RECORD_FIRST
  :: atomic { CAN_COPY -> copies--; copied = aRecord; cS = s; cK = k; cF = f; cStep = rRevision; goto recording }
#endif
  fi;

renew_recorded:
  if
  :: atomic { STEP(renew)
      writeRenewal(s, rSeat, rFence, now + skew + LEASE);
      if
      :: STANDS(seats[rSeat], s, rFence) -> u = seats[rSeat].until; answerRenewal(); goto finished
      :: else -> goto find
      fi }
  OR_DIES
  fi;

give_back:
  if
  :: d_step { STEP(give_back) writeFree(s, k, f) }
  OR_DIES
  :: atomic { CAN_COPY -> copies--; copied = aFree; cS = s; cK = k; cF = f; goto give_back }
  fi;
  goto again;

list_above:
  do
  :: d_step { i > seenClaimable ->
    STEP(close_lapsed)
      if
      :: HELD(seats[i], now + skew) -> heldAbove = heldAbove | (1 << i); if :: seats[i].holder == s -> own = i :: else fi
#ifndef M_NO_CLOSE
      :: LAPSED(seats[i], now + skew) -> emptied(i); seats[i].fence = seats[i].fence + 1
#endif
      :: else
      fi;
      i-- }
  :: else -> break
  od;
  atomic {
    /* The highest number up to which `claimable` and the held seats above it stay within the quota. */
    i = seenQuota;
    do
    :: i > seenClaimable ->
      target = ((heldAbove >> (i + 1)) & 1) + ((heldAbove >> (i + 2)) & 1) + ((heldAbove >> (i + 3)) & 1);
      if
      :: i + target <= seenQuota -> break
      :: else -> i--
      fi
    :: else -> break
    od;
    heldAbove = 0; target = i; i = 0;
    if
    :: own != 0 -> target = 0; seenFence[own] = seats[own].fence; goto find
    :: own == 0 && target == seenClaimable -> goto isFull
    :: else
    fi
  };
  if
  :: d_step {
    STEP(raise)
      if
      :: version == seenVersion -> claimable = target; version++
      :: else
      fi }
  OR_DIES
  fi;
  goto again;

isFull:
#ifdef LIVE
  goto again;
#endif
finished:
dead:
  atomic {
    k = 0; f = 0; u = 0; own = 0; isFree = 0; isLapsedMask = 0; rRevision = 0; rSeat = 0; rFence = 0; rStatus = NONE;
    seenClaimable = 0; seenQuota = 0; seenVersion = 0; heldAbove = 0; target = 0; isSuspended = 0; rounds = 0; skew = 0; i = 0;
    step = 0; over = 0;
    running-- }
}

/* A session's own process: it sends heartbeats and a release by the claim that it was told. */
proctype Runner(byte s) {
  byte heartbeats = HEARTBEATS;
  byte releases = RELEASES;
  byte k, f, from, i;
end_alive:
  do
  :: atomic { heartbeats > 0 && toldFence[s] > 0 ->
      heartbeats--; k = toldSeat[s]; f = toldFence[s];
      if :: from = now :: SKEW > 0 -> from = now + SKEW fi };
    do
    :: d_step {
    STEP(heartbeat)
        writeRenewal(s, k, f, from + LEASE);
        i = STANDS(seats[k], s, f);
        if
        :: i && toldSeat[s] == k && toldFence[s] == f -> toldUntil[s] = seats[k].until
        :: !i && toldSeat[s] == k && toldFence[s] == f -> 
          MUST(a_certain_session_lost_its_seat, !CERTAIN(s));
          forget(s)
        :: else
        fi };
      break
    :: atomic { CAN_COPY -> copies--; copied = aRenewal; cS = s; cK = k; cF = f; cUntil = from + LEASE }
    od;
    atomic { k = 0; f = 0; from = 0; i = 0 }
  :: atomic { releases > 0 && toldFence[s] > 0 -> releases--; running++; f = toldFence[s] };
#ifdef M_SEAT_BEFORE_RECORD
    d_step { k = records[s].seat; if :: records[s].fence == f -> writeFree(s, k, f) :: else fi };
#endif
    if
    :: d_step {
    STEP(release_record)
        i = 0; k = records[s].seat;
        if
        :: records[s].status == ACTIVE && records[s].fence == f ->
          records[s].status = ENDED; records[s].revision = records[s].revision + 1; i = 1
        :: else
        fi;
        endedBy(s, f) }
    OR_DIES
    fi;
#ifndef M_SEAT_BEFORE_RECORD
    if
    :: i ->
      if
      :: d_step {
    STEP(release_seat)
          writeFree(s, k, f) }
      OR_DIES
      fi
    :: else
    fi;
#endif
    atomic { k = 0; f = 0; i = 0; running-- }
  od;
dead:
  running--
}

/* An admin ends session 1. */
proctype Ender() {
  byte k, f;
  if
  :: d_step { records[1].status == ACTIVE ->
    STEP(force_record)
      k = records[1].seat; f = records[1].fence;
      records[1].status = FINAL; records[1].revision = records[1].revision + 1;
      endedBy(1, f) };
    if
    :: d_step {
    STEP(force_seat)
        writeFree(1, k, f) }
    OR_DIES
    fi
  :: skip
  fi;
dead:
  running--
}

/* A sweep of the schedule: closes a lapsed session, or a claim without a record. */
proctype Sweep() {
  byte k, s, f, skew, revision;
  byte status;
  bit isNamed, wasLapsed;
  byte n = SWEEPS;
end_idle:
  do
  :: atomic { n > 0 ->
      n--; running++;
      if :: skew = 0 :: SKEW > 0 -> skew = SKEW fi;
      if :: k = 1 :: k = 2 fi };
    d_step {
    STEP(sweep_read_seat)
      s = seats[k].holder; f = seats[k].fence; wasLapsed = LAPSED(seats[k], now + skew) };
    if
    :: s == 0
    :: s != 0 ->
      d_step {
    STEP(sweep_read_record)
        revision = records[s].revision; status = records[s].status; isNamed = NAMES(records[s], k, f) };
      if
      :: isNamed && status == ACTIVE && wasLapsed ->
#ifdef M_RECORD_CLOSED_FIRST
        d_step {
          if
          :: records[s].status == ACTIVE && NAMES(records[s], k, f) ->
            records[s].status = ENDED; records[s].revision = records[s].revision + 1; isNamed = 1
          :: else -> isNamed = 0
          fi };
        if :: isNamed -> d_step { writeFree(s, k, f) } :: else fi
#else
        d_step {
    STEP(lapse_seat)
          isNamed = 0;
          if
          :: STANDS(seats[k], s, f) && LAPSED(seats[k], now + skew) -> emptied(k); seats[k].fence = f + 1; isNamed = 1
          :: !STANDS(seats[k], s, f) -> isNamed = 1
          :: else
          fi };
        if
        :: isNamed ->
          d_step {
    STEP(lapse_record)
            if
            :: records[s].status == ACTIVE && NAMES(records[s], k, f) ->
              records[s].status = ENDED; records[s].revision = records[s].revision + 1
            :: else
            fi }
        :: else
        fi
#endif
      :: isNamed && status != ACTIVE ->
        d_step {
    STEP(sweep_free)
          writeFree(s, k, f) }
      :: !isNamed ->
#ifndef M_NO_VOID
        d_step {
    STEP(sweep_void)
          isNamed = 0;
          if
          :: records[s].revision == revision ->
            isNamed = 1;
            if
            :: status == NONE -> records[s].status = ENDED; records[s].seat = k; records[s].fence = f
            :: else
            fi;
            records[s].revision = revision + 1
          :: else
          fi };
#else
        d_step { isNamed = 1 };
#endif
        if
        :: isNamed ->
          d_step {
    STEP(sweep_close)
            if
            :: STANDS(seats[k], s, f) -> emptied(k); seats[k].fence = f + 1
            :: else
            fi }
        :: else
        fi
      :: else
      fi
    fi;
    d_step { k = 0; s = 0; f = 0; skew = 0; revision = 0; status = NONE; isNamed = 0; wasLapsed = 0; running-- }
  od
}

/* The vendor sets the subscription, each time in one write on condition of its version. */
proctype Vendor() {
  byte i;
  byte resizes = RESIZES;
  byte suspensions = SUSPENSIONS;
end_idle:
  do
  :: d_step { resizes > 0 && quota == SEATS ->
    STEP(set_smaller)
      quota = 1; claimable = 0; version++; resizes--;
      i = 1;
      do
      :: i <= SEATS -> isLate[i] = 0; i++
      :: else -> break
      od;
      i = 0 }
  :: d_step { resizes > 0 && quota < SEATS ->
    STEP(set_larger)
      claimable = (claimable == quota -> quota + 1 : claimable); quota++; version++; resizes-- }
  :: d_step { suspensions > 0 && !suspended ->
    STEP(set_suspended)
      suspended = 1; version++; suspensions-- }
  :: d_step { suspended ->
    STEP(set_resumed)
      suspended = 0; version++;
      i = 1;
      do
      :: i <= SEATS -> isBarred[i] = 0; i++
      :: else -> break
      od;
      i = 0 }
  od
}

/* The time goes on. */
active proctype World() {
end_of_time:
  do
  :: d_step { now < HORIZON ->
    STEP(world_tick)
      now++ }
  od
}

#ifdef LIVE
/* Each session that is not dead asks until it has a license, and a session with a license gives it back, or runs until its lease ends. */
ltl everyone_is_served { <> (served[1] + served[2] + served[3] >= SESSIONS - DEAD - CRASHES) }
#endif

/* A process that acts only on a violation adds no states. */
active proctype Watch() {
  byte s, held, late;
end_well:
  do
  :: atomic { CERTAIN(1) && !STANDS(seats[toldSeat[1]], 1, toldFence[1]) -> MUST(a_certain_session_lost_its_seat, false) }
  :: atomic { CERTAIN(2) && !STANDS(seats[toldSeat[2]], 2, toldFence[2]) -> MUST(a_certain_session_lost_its_seat, false) }
#if SESSIONS > 2
  :: atomic { CERTAIN(3) && !STANDS(seats[toldSeat[3]], 3, toldFence[3]) -> MUST(a_certain_session_lost_its_seat, false) }
#endif
#if SEATS == 2
  :: atomic { COUNTS(1) + COUNTS(2) > quota && ((COUNTS(1) && isLate[1]) || (COUNTS(2) && isLate[2])) ->
      MUST(more_sessions_than_the_quota_after_a_shrink, false) }
#endif
#if SEATS == 3
  :: atomic { COUNTS(1) + COUNTS(2) + COUNTS(3) > quota &&
      ((COUNTS(1) && isLate[1]) || (COUNTS(2) && isLate[2]) || (COUNTS(3) && isLate[3])) ->
      MUST(more_sessions_than_the_quota_after_a_shrink, false) }
#endif
#ifndef LIVE
  /* At rest, if nothing died and no write came twice: every held seat is of the record, and every live record has its seat. */
  :: atomic { running == 0 && crashes == CRASHES && copies == COPIES && 
      (UNNAMED(1) || UNNAMED(2)) -> MUST(a_seat_is_held_without_a_record, false) }
#endif
  od
}

init {
  byte i;
  atomic {
    i = 1;
    do
    :: i <= RUNNING ->
      seats[SEATS + 1 - i].holder = i; seats[SEATS + 1 - i].fence = 1; seats[SEATS + 1 - i].until = LEASE;
      records[i].status = ACTIVE; records[i].seat = SEATS + 1 - i; records[i].fence = 1; records[i].revision = 1;
      toldSeat[i] = SEATS + 1 - i; toldFence[i] = 1; toldUntil[i] = LEASE;
      i++
    :: else -> break
    od;
    i = 1;
    do
    :: i < REQUESTS_OF_1 + SESSIONS ->
      if
      :: i <= REQUESTS_OF_1 && DEAD == 0 -> running++; run Request(1, i)
      :: i <= REQUESTS_OF_1 && DEAD > 0
      :: i > REQUESTS_OF_1 && i - REQUESTS_OF_1 + 1 <= DEAD
      :: i > REQUESTS_OF_1 && i - REQUESTS_OF_1 + 1 > DEAD -> running++; run Request(i - REQUESTS_OF_1 + 1, i)
      fi;
      i++
    :: else -> break
    od;
    i = 1;
    do
    :: i <= SESSIONS && HEARTBEATS + RELEASES > 0 -> run Runner(i); i++
    :: else -> break
    od;
    if :: FORCED -> running++; run Ender() :: else fi;
    if :: SWEEPS -> run Sweep() :: else fi;
    if :: RESIZES + SUSPENSIONS -> run Vendor() :: else fi
  }
}
