/*
 * A large pool refuses by the censuses of its blocks. A request reads the terms and each census; it reads and watches the seats of
 * a block without a certificate, and certifies it on condition of the epoch; then it reads terms and censuses again. The end of a
 * watched claim frees the seat, dissolves the certificate, and is acknowledged. In a pool in blocks the terms may come from a copy,
 * which a growth brings up to date before its answer, and claims are given back. census-lease.pml has the ends of leases.
 */
#include "store.pml"

#ifndef BLOCKS
#define BLOCKS 2 /* of two seats; 1: both seats in one block */
#endif
#ifndef HELD_SEATS
#define HELD_SEATS 1
#endif
#ifndef CERTIFIED
#define CERTIFIED 1 /* the first blocks, at the beginning */
#endif
#ifndef OPEN
#define OPEN 2 /* claimable at the beginning */
#endif
#ifndef REQUESTS
#define REQUESTS 1
#endif
#ifndef CLAIMS
#define CLAIMS 1
#endif
#ifndef RELEASES
#define RELEASES 1
#endif
#ifndef GROWTHS
#define GROWTHS 0
#endif
#ifndef GIVEN_BACK
#define GIVEN_BACK 0 /* claims that are not verified */
#endif

RULE(refused_while_a_seat_was_free_all_the_time);

#define BLOCK(k) (BLOCKS == 1 -> 0 : k)
#define LAST_OF(b) (BLOCKS == 1 -> seen : b + 1)
bit isHeld[2], isTaken[2]; /* taken: not free for anybody who was told of its end */
byte fence[2];
bit isWatched[2];
bit isFull[2]; /* the certificate of a block */
byte epoch[2], upTo[2];
byte claimable = OPEN, version; /* of the subscription */
byte copyClaimable = OPEN, copyVersion; /* of the second block's copy */
byte answered = OPEN; /* claimable, as an admin was told */
byte claims = CLAIMS;
bit asks[REQUESTS + 1], wasFull[REQUESTS + 1];

#define FULL (isTaken[0] && (answered < 2 || isTaken[1]))
/* Follows each write: a request has seen an instant at which no seat was free. */
inline look() {
  if :: asks[1] && FULL -> wasFull[1] = 1 :: else fi;
#if REQUESTS > 1
  if :: asks[2] && FULL -> wasFull[2] = 1 :: else fi
#endif
}
inline dissolve(b) { isFull[b] = 0; epoch[b]++ }

proctype Request(byte me) {
  byte seen, ver, b, k, f;
  byte epochs[2];
  bit certified[2];
  atomic { STEP(read_terms)
    if
    :: seen = claimable; ver = version
    :: BLOCKS == 2 -> seen = copyClaimable; ver = copyVersion
    fi;
    asks[me] = 1; look() };
  atomic { STEP(read_current) if :: ver != version -> goto over :: else fi };
  do
  :: atomic { b < BLOCKS -> STEP(read_census)
      epochs[b] = epoch[b];
#ifdef M_NO_UP_TO
      certified[b] = isFull[b];
#else
      certified[b] = isFull[b] && upTo[b] >= LAST_OF(b);
#endif
      b++ }
  :: else -> break
  od;
  b = 0;
next_block:
  do
  :: b < BLOCKS && (certified[b] || (BLOCKS == 2 && b >= seen)) -> certified[b] = 1; b++
  :: else -> break
  od;
  if
  :: b == BLOCKS -> goto again
  :: else -> k = b
  fi;
  do
  :: k < seen && BLOCK(k) == b ->
    atomic { STEP(read_seat)
      if
      :: !isHeld[k] -> goto over
      :: else -> f = fence[k]
      fi };
#ifndef M_NO_WATCH
    atomic { !isWatched[k] -> STEP(watch)
      if
#ifdef M_WATCH_ANY
      :: true -> isWatched[k] = 1
#else
      :: isHeld[k] && fence[k] == f -> isWatched[k] = 1
      :: else -> goto over
#endif
      fi }
    unless { isWatched[k] };
#endif
    k++
  :: else -> break
  od;
  atomic { STEP(certify)
    if
#ifdef M_NO_EPOCH
    :: true ->
#else
    :: epoch[b] == epochs[b] ->
#endif
      isFull[b] = 1; upTo[b] = seen; certified[b] = 1
    :: else -> goto over
    fi };
  goto next_block;
again:
#ifndef M_ONE_PASS
#ifndef M_OLD_TERMS
  atomic { STEP(read_terms_again) if :: version != ver -> goto over :: else fi };
#endif
  b = 0;
  do
  :: atomic { b < BLOCKS && (BLOCKS == 1 || b < seen) -> STEP(read_census_again)
      if
#ifdef M_NO_UP_TO
      :: epoch[b] != epochs[b] || !isFull[b] -> goto over
#else
      :: epoch[b] != epochs[b] || !isFull[b] || upTo[b] < LAST_OF(b) -> goto over
#endif
      :: else -> b++
      fi }
  :: else -> break
  od;
#endif
  STEP(refuse) MUST(refused_while_a_seat_was_free_all_the_time, wasFull[me]);
over:
  asks[me] = 0
}

active proctype Claim() {
end_idle:
  do
  :: atomic { claims > 0 && !isHeld[0] -> STEP(claim) isHeld[0] = 1; isTaken[0] = 1; fence[0]++; claims--; look() }
  :: atomic { claims > 0 && !isHeld[1] && claimable > 1 -> isHeld[1] = 1; isTaken[1] = 1; fence[1]++; claims--; look() }
  od
}

proctype Grow() {
  atomic { STEP(grow) claimable++; version++ };
  atomic { STEP(push_copy) copyClaimable = claimable; copyVersion = version };
  atomic { STEP(answer_growth) answered = claimable; look() }
}

/* A release, or a claim that is not verified. */
proctype Release(bit givesBack) {
  byte k, f;
  bit wasWatched;
end_idle:
  if
  :: givesBack ->
    atomic {
      if
      :: !isHeld[0] -> k = 0
      :: !isHeld[1] && claimable > 1 -> k = 1
      fi;
      isHeld[k] = 1; isTaken[k] = 1; fence[k]++; f = fence[k]; look() };
    atomic { STEP(give_back) isHeld[k] = 0; wasWatched = isWatched[k] }
  :: atomic { !givesBack && isHeld[0] -> STEP(free_seat) isHeld[0] = 0; f = fence[0]; wasWatched = isWatched[0] }
  :: atomic { !givesBack && isHeld[1] -> isHeld[1] = 0; k = 1; f = fence[1]; wasWatched = isWatched[1] }
  fi;
#ifdef M_ANSWER_FIRST
  atomic { if :: !isHeld[k] && fence[k] == f -> isTaken[k] = 0 :: else fi; look() };
#endif
#ifdef M_GIVE_BACK_QUIETLY
  wasWatched = wasWatched && !givesBack;
#endif
  if
  :: wasWatched -> atomic { STEP(dissolve) dissolve(BLOCK(k)) }
  :: else
  fi;
  atomic { STEP(answer) if :: !isHeld[k] && fence[k] == f -> isTaken[k] = 0 :: else fi; look() }
}

init {
  byte i;
  atomic {
    do
    :: i < HELD_SEATS -> isHeld[i] = 1; isTaken[i] = 1; i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < CERTIFIED -> isFull[i] = 1; upTo[i] = OPEN; isWatched[i] = 1; i++
    :: else -> break
    od;
    fence[0] = 1; fence[1] = 1;
    i = 1;
    do
    :: i <= REQUESTS -> run Request(i); i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < RELEASES -> run Release(0); i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < GIVEN_BACK -> run Release(1); i++
    :: else -> break
    od;
    if :: GROWTHS > 0 -> run Grow() :: else fi;
    i = 0
  }
}
