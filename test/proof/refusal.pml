/*
 * A refusal: two reads of the whole pool that show the same claims. The first may be an earlier request's of the same process. A
 * read sees its seats one after the other, while others claim seats, renew their leases and give the seats back.
 */
#include "store.pml"

#ifndef CHANGES
#define CHANGES 8
#endif

RULE(refused_while_a_seat_was_free_all_the_time);

Seat seats[SEATS + 1];
byte changes;
byte clock;
bit wasFull; /* at some instant since the request began */

#if SEATS == 2
#define FULL (HELD(seats[1], clock) && HELD(seats[2], clock))
#else
#define FULL (HELD(seats[1], clock) && HELD(seats[2], clock) && HELD(seats[3], clock))
#endif

active proctype Request() {
  byte i = 1;
  byte from;
  byte earlier[SEATS + 1]; /* fences, of an earlier request's read */
  byte until[SEATS + 1];
  byte fences[SEATS + 1];
  byte least = 255; /* the earliest end of a lease that the read saw */
  bit same;

  /* An earlier request found the pool full, or there was none: then no fence is the same. */
  if
  :: skip
  :: do
     :: atomic { i <= SEATS -> STEP(earlier_read)
         if
         :: HELD(seats[i], clock) -> earlier[i] = seats[i].fence; until[i] = seats[i].until
         :: else
         fi;
         i++ }
     :: i > SEATS -> break
     od
  fi;
  atomic { STEP(begin) from = clock; wasFull = FULL; i = 1; same = 1 }
  do
  :: atomic { i <= SEATS -> STEP(read_pool)
      if
      :: HELD(seats[i], clock) ->
          fences[i] = seats[i].fence;
          if :: seats[i].until < least -> least = seats[i].until :: else fi;
          if :: fences[i] != earlier[i] -> same = 0 :: else fi;
#ifndef M_NO_LEASE
          if :: until[i] <= from -> same = 0 :: else fi;
#endif
          i++
      :: else -> goto claims
      fi }
  :: i > SEATS -> break
  od;
  if :: least <= clock -> goto claims :: else fi;
  if :: same -> goto refuses :: else fi;
#ifndef M_ONE_READ
  i = 1; same = 1;
  do
  :: atomic { i <= SEATS -> STEP(read_pool_again)
      if
      :: HELD(seats[i], clock) ->
#ifndef M_NO_FENCE
          if :: seats[i].fence != fences[i] -> same = 0 :: else fi;
#endif
          i++
      :: else -> goto claims
      fi }
  :: i > SEATS -> break
  od;
  if
  :: same
  :: else -> goto claims
  fi;
#endif
refuses:
  STEP(refuse) MUST(refused_while_a_seat_was_free_all_the_time, wasFull);
claims:
  skip
}

active proctype World() {
  byte i;
end_idle:
  do
  :: atomic { changes < CHANGES ->
      STEP(world_change) changes++;
      if
      :: clock < 2 -> clock++
      :: true ->
          if :: i = 1 :: i = 2 :: SEATS > 2 -> i = SEATS fi;
          if
          :: !HELD(seats[i], clock) -> seats[i].holder = 1; seats[i].fence++; seats[i].until = clock + 1
          :: seats[i].holder != 0 -> seats[i].until = clock + 1 /* a heartbeat, late or not */
          :: HELD(seats[i], clock) -> seats[i].holder = 0
          fi
      fi;
      wasFull = wasFull || FULL; i = 0 }
  od
}
