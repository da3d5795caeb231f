/*
 * The ends of leases under the censuses of a large pool. A certificate ends before the leases of its seats, and after a while in
 * any case: a release may die between its seat and its census. A request is slow, its clock is wrong; leases end, are extended and
 * shortened; a watch ends; a census is lost. census.pml has the other orders.
 */
#include "store.pml"

#ifndef BLOCKS
#define BLOCKS 1
#endif
#ifndef FREE_SEAT
#define FREE_SEAT 9 /* the others are held */
#endif
#ifndef END
#define END 50 /* of the lease of seat 0 */
#endif
#ifndef FULL_UNTIL
#define FULL_UNTIL 0 /* of block 0 */
#endif
#ifndef REQUESTS
#define REQUESTS 1
#endif
#ifndef CLAIMS
#define CLAIMS 0
#endif
#ifndef RELEASES
#define RELEASES 0
#endif
#ifndef HEARTBEATS
#define HEARTBEATS 0
#endif
#ifndef SHORTENED
#define SHORTENED 0 /* leases that a heartbeat shortens */
#endif
#ifndef LOSSES
#define LOSSES 0 /* of the census of block 0 */
#endif
#ifndef LEASE
#define LEASE 50
#endif
#ifndef HORIZON
#define HORIZON 0
#endif
#ifndef SKEW
#define SKEW 0
#endif
/* The rules' times: a certificate's longest life and its distance from the first end of a lease; the ages at which a watch serves
   no new certificate, and at which a claim ends it. */
#ifndef LIFE
#define LIFE 50
#endif
#ifndef MARGIN
#define MARGIN 0
#endif
#ifndef STALE
#define STALE 50
#endif
#ifndef UNWATCH
#define UNWATCH 99
#endif
#ifdef M_LONG_LIFE
#define LIVES (LIFE + 1)
#else
#define LIVES LIFE
#endif
#ifdef M_NO_MARGIN
#define EARLIER 0
#else
#define EARLIER MARGIN
#endif
#ifdef M_UNWATCH_EARLY
#define UNWATCHES (STALE - 1)
#else
#define UNWATCHES UNWATCH
#endif
#define UNTOLD 99

RULE(refused_while_a_seat_was_free_all_the_time);

byte now = SKEW;
bit isHeld[SEATS], isAnswered[SEATS]; /* answered: its release */
byte fence[SEATS], end[SEATS], told[SEATS]; /* told: the end, as the holder was told */
bit isWatched[SEATS];
byte watchedAt[SEATS];
byte fullUntil[BLOCKS], epoch[BLOCKS];
bit asks[REQUESTS + 1], wasFull[REQUESTS + 1];

#define BLOCK(k) (BLOCKS == 1 -> 0 : k)
#define FREE(k) ((isHeld[k] && end[k] <= now && told[k] <= now) || (!isHeld[k] && (isAnswered[k] || told[k] <= now)))
#if SEATS == 1
#define FULL (!FREE(0))
#else
#define FULL (!FREE(0) && !FREE(1))
#endif
/* Follows each write: a request has seen an instant at which no seat was free. */
inline look() {
  if :: asks[1] && FULL -> wasFull[1] = 1 :: else fi;
#if REQUESTS > 1
  if :: asks[2] && FULL -> wasFull[2] = 1 :: else fi
#endif
}
inline dissolve(b) { fullUntil[b] = 0; epoch[b]++ }

proctype Request(byte me) {
  byte skew, b, k, f, from, earliest, until;
  byte epochs[BLOCKS], untils[BLOCKS];
  atomic {
    select(skew: 0 .. 2 * SKEW);
    asks[me] = 1; look();
#ifdef M_CLOCK_FIRST
    from = now + skew
#endif
  };
#define CLOCK (now + skew - SKEW)
  do
  :: atomic { b < BLOCKS -> STEP(read_census) epochs[b] = epoch[b]; untils[b] = fullUntil[b]; b++ }
  :: else -> break
  od;
  atomic { STEP(read_clock)
#ifndef M_CLOCK_FIRST
    from = CLOCK;
#endif
    b = 0 };
next_block:
  do
  :: b < BLOCKS && untils[b] > from -> b++
  :: else -> break
  od;
  if
  :: b == BLOCKS -> goto again
  :: else -> k = b; earliest = UNTOLD
  fi;
  do
  :: k < SEATS && BLOCK(k) == b ->
    atomic { STEP(read_seat)
      if
      :: !isHeld[k] || end[k] <= CLOCK -> goto over
      :: else -> f = fence[k]
      fi;
      if :: end[k] < earliest -> earliest = end[k] :: else fi };
    if
    :: atomic { !isWatched[k] || now - watchedAt[k] >= STALE -> STEP(watch)
        if
        :: isHeld[k] && fence[k] == f -> isWatched[k] = 1; watchedAt[k] = now
        :: else -> goto over
        fi;
#ifndef M_END_AS_READ
        if :: end[k] < earliest -> earliest = end[k] :: else fi
#endif
      }
    :: else
    fi;
    k++
  :: else -> break
  od;
  atomic { STEP(certify)
    until = (earliest - EARLIER < from + LIVES -> earliest - EARLIER : from + LIVES);
    if
    :: epoch[b] == epochs[b] && until > CLOCK -> fullUntil[b] = until; untils[b] = until
    :: else -> goto over
    fi };
  goto next_block;
again:
  b = 0;
  do
  :: atomic { b < BLOCKS -> STEP(read_census_again)
      if
      :: epoch[b] != epochs[b] -> goto over
      :: else -> untils[b] = fullUntil[b]; b++
      fi }
  :: else -> break
  od;
  atomic { STEP(read_clock_again)
#ifndef M_CLOCK_FIRST
    from = CLOCK;
#endif
    b = 0;
    do
    :: b < BLOCKS -> if :: untils[b] <= from -> goto over :: else fi; b++
    :: else -> break
    od };
  STEP(refuse) MUST(refused_while_a_seat_was_free_all_the_time, wasFull[me]);
over:
  atomic { asks[me] = 0; wasFull[me] = 0; skew = 0; b = 0; k = 0; f = 0; from = 0; earliest = 0; until = 0 }
}

proctype Claim() {
  byte k, f, skew;
end_idle:
  atomic {
    select(skew: 0 .. 2 * SKEW);
    select(k: 0 .. SEATS - 1);
    (!isHeld[k] || end[k] <= now + skew - SKEW) ->
      STEP(claim)
      isHeld[k] = 1; fence[k]++; f = fence[k]; end[k] = now + skew - SKEW + LEASE; told[k] = UNTOLD; isAnswered[k] = 0;
      if :: isWatched[k] && now - watchedAt[k] >= UNWATCHES -> isWatched[k] = 0; watchedAt[k] = 0 :: else fi;
      look()
  };
  atomic { STEP(world_answer) if :: isHeld[k] && fence[k] == f -> told[k] = end[k] :: else fi; look() }
}

proctype Release() {
  byte k, f;
  bit wasWatched;
end_idle:
  if
  :: atomic { isHeld[0] && told[0] != UNTOLD -> STEP(free_seat) k = 0 }
#if SEATS > 1
  :: atomic { isHeld[1] && told[1] != UNTOLD -> k = 1 }
#endif
  fi;
  atomic {
    if
    :: isHeld[k] && told[k] != UNTOLD -> isHeld[k] = 0; end[k] = 0; isAnswered[k] = 0; f = fence[k]; wasWatched = isWatched[k]
    :: else -> goto over
    fi };
  if
  :: atomic { wasWatched -> STEP(dissolve) dissolve(BLOCK(k)) }
  :: !wasWatched
  fi;
  atomic { STEP(answer) if :: !isHeld[k] && fence[k] == f -> isAnswered[k] = 1; told[k] = 0 :: else fi; look() };
over:
  skip
}

proctype Heartbeat() {
end_idle:
  if
  :: atomic { isHeld[0] && told[0] != UNTOLD && end[0] < now + LEASE -> STEP(extend) end[0] = now + LEASE; told[0] = end[0]; look() }
#if SEATS > 1
  :: atomic { isHeld[1] && told[1] != UNTOLD && end[1] < now + LEASE -> end[1] = now + LEASE; told[1] = end[1]; look() }
#endif
  fi
}

/* A heartbeat just before the subscription's expiry. */
proctype Shorten() {
  byte f;
  bit wasWatched;
end_idle:
  atomic { isHeld[0] && told[0] != UNTOLD && end[0] > now + 1 -> STEP(shorten) end[0] = now + 1; f = fence[0]; wasWatched = isWatched[0] };
#ifndef M_SHORT_STAYS
  if
  :: atomic { wasWatched -> STEP(dissolve_short) dissolve(0) }
  :: !wasWatched
  fi;
#endif
  atomic { STEP(answer_short) if :: isHeld[0] && fence[0] == f -> told[0] = end[0] :: else fi; look() }
}

active proctype World() {
  byte losses = LOSSES;
end_idle:
  do
  :: atomic { now < HORIZON + SKEW -> STEP(world_tick) now++; look() }
  :: atomic { losses > 0 -> STEP(world_loss) losses--; fullUntil[0] = 0;
#ifdef M_EPOCHS_AGAIN
      epoch[0] = 0
#else
      epoch[0] = 100
#endif
    }
  od
}

init {
  byte i;
  atomic {
    do
    :: i < SEATS ->
      fence[i] = 1;
      if
      :: i == FREE_SEAT -> isAnswered[i] = 1
      :: else -> isHeld[i] = 1; end[i] = (i == 0 -> END : 50) + SKEW; told[i] = end[i]
      fi;
      if
      :: FULL_UNTIL > 0 && BLOCK(i) == 0 -> isWatched[i] = 1; watchedAt[i] = SKEW
      :: else
      fi;
      i++
    :: else -> break
    od;
    fullUntil[0] = (FULL_UNTIL > LIVES -> LIVES : FULL_UNTIL) + (FULL_UNTIL > 0 -> SKEW : 0);
    i = 1;
    do
    :: i <= REQUESTS -> run Request(i); i++
    :: else -> break
    od;
    i = 0;
    do :: i < CLAIMS -> run Claim(); i++ :: else -> break od;
    i = 0;
    do :: i < RELEASES -> run Release(); i++ :: else -> break od;
    i = 0;
    do :: i < HEARTBEATS -> run Heartbeat(); i++ :: else -> break od;
    i = 0;
    do :: i < SHORTENED -> run Shorten(); i++ :: else -> break od;
    i = 0
  }
}
