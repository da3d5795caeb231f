/*
 * A machine quota of 1 begins to bind while machine 0 is in use: the machines in use get slots first, whatever the quota. Three
 * newcomers come, each on a machine of its own.
 */
#include "store.pml"

#define ROUNDS 1

RULE(a_machine_came_in_over_the_quota);

bit binds;
bit complete; /* slotsComplete */
bit adopted; /* machine 0 has its slot */
#define SEAT 1
#define RECORDED 2
#define REFUSED 3
byte at[4]; /* 0: no claim */
bit bound[4]; /* verified after the quota began to bind */
bit voided[4];
bit slot[4];

proctype Newcomer(byte me) {
  byte rounds, i;
again:
  if
  :: rounds > ROUNDS -> goto over
  :: else
  fi;
  atomic { STEP(claim_seat) at[me] = SEAT; voided[me] = 0 };
  if
  :: atomic { STEP(verify)
      bound[me] = binds;
      if
      :: !binds -> goto record
      :: binds && complete -> goto take
      :: else
      fi }
  OR_DIES
  fi;
  atomic { STEP(list_seats)
    adopted = 1;
    i = 1;
    do
    :: i <= 3 ->
      if
      :: at[i] == RECORDED -> STEP(give_slots) slot[i] = 1
      /* A claim in flight. */
#ifdef M_COUNT_CLAIMS
      :: at[i] == SEAT -> slot[i] = 1
#else
      :: at[i] == SEAT -> STEP(void_claims) voided[i] = 1
#endif
      :: else
      fi;
      i++
    :: else -> break
    od;
    i = 0 };
  if
  :: atomic { STEP(set_complete) complete = 1 }
  OR_DIES
  fi;
take:
  atomic { STEP(take_slot)
    if
    :: slot[me]
    :: !slot[me] && adopted + slot[1] + slot[2] + slot[3] < 1 -> slot[me] = 1
    :: else -> at[me] = REFUSED; goto over
    fi };
record:
  if
  :: atomic { STEP(record_claim)
      if
      :: voided[me] -> at[me] = 0; rounds++; goto again
      :: else -> at[me] = RECORDED
      fi }
  OR_DIES
  fi;
over:
dead:
  skip
}

active proctype World() {
  atomic { STEP(set_terms) binds = 1 }
}

active proctype Watch() {
end_well:
  atomic { (at[1] == RECORDED && bound[1]) || (at[2] == RECORDED && bound[2]) || (at[3] == RECORDED && bound[3]) ->
    MUST(a_machine_came_in_over_the_quota, false) }
}

init {
  atomic { run Newcomer(1); run Newcomer(2); run Newcomer(3) }
}
