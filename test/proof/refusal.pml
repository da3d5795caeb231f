/*
 * A refusal: two reads of the whole pool that show the same claims. A read sees its seats one after the other, while others claim
 * seats and give them back.
 */
#include "store.pml"

#ifndef CHANGES
#define CHANGES 6
#endif

RULE(refused_while_a_seat_was_free_all_the_time);

Seat seats[SEATS + 1];
byte changes;
bit wasFull; /* at some instant since the request began */

#if SEATS == 2
#define FULL (seats[1].holder != 0 && seats[2].holder != 0)
#else
#define FULL (seats[1].holder != 0 && seats[2].holder != 0 && seats[3].holder != 0)
#endif

active proctype Request() {
  byte i = 1;
  byte fences[SEATS + 1];
  bit same;
  do
  :: atomic { i <= SEATS -> STEP(read_pool)
      if
      :: seats[i].holder == 0 -> goto claims
      :: else -> fences[i] = seats[i].fence; i++
      fi }
  :: i > SEATS -> break
  od;
#ifndef M_ONE_READ
  i = 1; same = 1;
  do
  :: atomic { i <= SEATS -> STEP(read_pool_again)
      if
      :: seats[i].holder == 0 -> goto claims
      :: else ->
#ifndef M_NO_FENCE
        if :: seats[i].fence != fences[i] -> same = 0 :: else fi;
#endif
        i++
      fi }
  :: i > SEATS -> break
  od;
  if
  :: same
  :: else -> goto claims
  fi;
#endif
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
      if :: i = 1 :: i = 2 :: SEATS > 2 -> i = SEATS fi;
      if
      :: seats[i].holder == 0 -> seats[i].holder = 1; seats[i].fence++
      :: else -> seats[i].holder = 0
      fi;
      wasFull = wasFull || FULL; i = 0 }
  od
}
