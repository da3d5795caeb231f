/*
 * An offline license: claim, verify, record as pending, long hold, active, answer. Requests with one idempotency key at once; the
 * schedule drops a license that stays pending, and a claim without a record; the vendor voids an issued license; other sessions
 * want the seats. Each may die anywhere. A short hold may lapse at any time, by any clock.
 */
#include "store.pml"

#ifndef REQUESTS
#define REQUESTS 2
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef OTHERS
#define OTHERS 1
#endif
#ifndef SETTLES
#define SETTLES 1
#endif
#define LICENSE 1
#define OTHER 2
#define SHORT 1
#define LONG 2

RULE(an_issued_license_lost_its_seat);
RULE(a_voided_license_holds_a_seat);
RULE(a_dropped_license_was_answered);
RULE(another_holder_lost_its_seat);
RULE(a_voided_license_was_issued_again);

/* `until`: 0 lapsed, SHORT, LONG. */
Seat seats[SEATS + 1];
#define NONE 0
#define PENDING 1
#define ACTIVE 2
#define ENDED 3
byte status, number, fence, revision;
bit voided;
bit answered, voidingOver;
byte others;

#define NAMED(k, f) (number == (k) && fence == (f))
inline emptied(k) { seats[k].holder = 0; seats[k].until = 0 }
inline freeSeat(k, f) { if :: STANDS(seats[k], LICENSE, f) -> emptied(k) :: else fi }

proctype Request() {
  byte k, f, seen, was, wasNumber, wasFence, rounds;
  bit isLapsed, over;
again:
  if
  :: rounds > ROUNDS -> goto finished
  :: else -> rounds++
  fi;
  atomic { STEP(read)
    k = 0; f = 0; over = 0; isLapsed = 0;
    was = status; wasNumber = number; wasFence = fence; seen = revision;
    if
#ifndef M_NOT_FINAL
    :: status == ACTIVE && voided -> goto finished
#endif
    :: status == ENDED -> goto seek
#ifdef M_NOT_FINAL
    :: status == ACTIVE && voided -> k = number; f = fence; goto renew
#endif
    :: status == ACTIVE && !voided -> k = number; f = fence; goto renew
    :: status == PENDING -> k = number; f = fence; goto prolong
    :: status == NONE -> goto seek
    fi };
renew: /* a repetition prolongs the hold of an issued license: it may have been interrupted */
  if
  :: atomic { STEP(prolong_issued)
      if
      :: STANDS(seats[k], LICENSE, f) -> seats[k].until = LONG; answered = answered || (status == ACTIVE && NAMED(k, f)); goto finished
      :: else -> goto seek
      fi }
  OR_DIES
  fi;
seek:
  atomic { STEP(read_seats)
    if
    :: STANDS(seats[1], LICENSE, seats[1].fence) && seats[1].until > 0 -> k = 1; over = 1
    :: STANDS(seats[2], LICENSE, seats[2].fence) && seats[2].until > 0 -> k = 2; over = 1
    :: else ->
      if
      :: seats[1].holder == 0 || seats[1].until == 0 -> k = 1
      :: seats[2].holder == 0 || seats[2].until == 0 -> k = 2
      :: else -> goto finished
      fi
    fi;
    f = seats[k].fence; isLapsed = (seats[k].holder != 0 && !over) };
  if
  :: over && was == ENDED && wasNumber == k && wasFence == f -> goto give_back
  :: over && !(was == ENDED && wasNumber == k && wasFence == f) ->
    if
    :: atomic { STEP(void_claim)
        if
        :: revision == seen ->
          if :: status == NONE -> status = ENDED; number = k; fence = f :: else fi;
          revision++; seen = revision
        :: else -> goto again
        fi }
    OR_DIES
    fi
  :: !over
  fi;
  if
  :: atomic { STEP(claim)
      if
      :: (over && STANDS(seats[k], LICENSE, f)) || (!over && isLapsed && seats[k].holder != 0 && seats[k].until == 0) ||
         (!over && !isLapsed && seats[k].holder == 0) ->
        MUST(another_holder_lost_its_seat, seats[k].holder != OTHER);
        seats[k].holder = LICENSE; seats[k].fence++; seats[k].until = SHORT; f = seats[k].fence
      :: else -> goto again
      fi }
  OR_DIES
  fi;
  if
  :: atomic { STEP(record)
      if
      :: revision == seen ->
        MUST(a_voided_license_was_issued_again, !voided);
        status = PENDING; number = k; fence = f; revision++
      :: else -> goto give_back
      fi }
  OR_DIES
  fi;
prolong:
  if
  :: atomic { STEP(prolong)
      if
      :: STANDS(seats[k], LICENSE, f) -> seats[k].until = LONG
      :: else -> goto drop
      fi }
  OR_DIES
  fi;
  if
  :: atomic { STEP(complete)
      if
      :: status == PENDING && NAMED(k, f) -> status = ACTIVE; revision++; answered = 1; goto finished
      :: status == ACTIVE && NAMED(k, f) -> answered = 1; goto finished
      :: else -> goto give_back
      fi }
  OR_DIES
  fi;
drop:
  atomic { STEP(drop_lost)
    if
    :: status == PENDING && NAMED(k, f) -> status = ENDED; revision++
    :: else
    fi;
    goto again };
give_back:
  if
  :: atomic { STEP(give_back) freeSeat(k, f) }
  OR_DIES
  fi;
  goto again;
finished:
dead:
  skip
}

/* The vendor voids an issued license. The schedule, or a repetition, finishes an interrupted voiding. */
active proctype Voiding() {
  byte k, f;
end_idle:
  if
#ifdef M_SEAT_BEFORE_RECORD
  :: atomic { status == ACTIVE && answered -> k = number; f = fence; freeSeat(k, f) }
#else
  :: atomic { status == ACTIVE -> STEP(void_record)
      voided = 1; revision++; k = number; f = fence }
#endif
  fi;
  if
#ifdef M_SEAT_BEFORE_RECORD
  :: atomic { voided = 1; revision++ }
  OR_DIES
#else
  :: atomic { STEP(void_seat) freeSeat(k, f) }
  OR_DIES
#endif
  fi;
  goto over;
dead:
  atomic { voided -> STEP(finish_voiding) freeSeat(number, fence) };
over:
  voidingOver = 1
}

/* The schedule settles a claim. */
proctype Settle() {
  byte k, f, seen, was;
end_idle:
  if
  :: atomic { seats[1].holder == LICENSE -> k = 1 }
  :: atomic { seats[2].holder == LICENSE -> k = 2 }
  fi;
  atomic { STEP(settle_read) f = seats[k].fence; seen = revision; was = (NAMED(k, f) -> status : 4) };
  if
  :: atomic { was == PENDING -> STEP(drop_pending)
      if
      :: status == PENDING && NAMED(k, f) -> status = ENDED; revision++
      :: status == ENDED && NAMED(k, f)
      :: else -> goto over
      fi }
  :: atomic { was == 4 || was == NONE -> STEP(void_unrecorded)
      if
#ifdef M_NO_VOID
      :: true -> was = 5
#else
      :: revision == seen ->
        if :: status == NONE -> status = ENDED; number = k; fence = f :: else fi;
        revision++; was = 5
      :: else -> goto over
#endif
      fi }
  :: was == ACTIVE -> goto over
  :: was == ENDED
  fi;
  if
  :: atomic { was == 5 -> STEP(close_unrecorded)
      if :: STANDS(seats[k], LICENSE, f) -> emptied(k); seats[k].fence++ :: else fi }
  :: atomic { was != 5 -> STEP(free_dropped) freeSeat(k, f) }
  OR_DIES
  fi;
over:
dead:
  skip
}

active proctype World() {
end_idle:
  do
  :: atomic { seats[1].holder == LICENSE && seats[1].until == SHORT -> STEP(world_lapse) seats[1].until = 0 }
  :: atomic { seats[2].holder == LICENSE && seats[2].until == SHORT -> seats[2].until = 0 }
  :: atomic { others < OTHERS && seats[1].until == 0 -> STEP(world_claim) others++; seats[1].holder = OTHER; seats[1].fence++; seats[1].until = LONG }
  :: atomic { others < OTHERS && seats[2].until == 0 -> others++; seats[2].holder = OTHER; seats[2].fence++; seats[2].until = LONG }
  od
}

#define HOLDS (seats[number].holder == LICENSE && seats[number].fence == fence && seats[number].until == LONG)
#define HELD_LONG ((seats[1].holder == LICENSE && seats[1].until == LONG) || (seats[2].holder == LICENSE && seats[2].until == LONG))
active proctype Watch() {
end_well:
  do
  :: atomic { answered && !voided && !(status == ACTIVE && HOLDS) -> MUST(an_issued_license_lost_its_seat, false) }
  :: atomic { answered && status == ENDED -> MUST(a_dropped_license_was_answered, false) }
  :: atomic { timeout && voided && voidingOver && crashes == CRASHES && HELD_LONG -> MUST(a_voided_license_holds_a_seat, false) }
  od
}

init {
  byte i;
  atomic {
    i = 0; do :: i < REQUESTS -> run Request(); i++ :: else -> break od;
    i = 0; do :: i < SETTLES -> run Settle(); i++ :: else -> break od;
    i = 0
  }
}
