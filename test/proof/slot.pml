/*
 * Machine slots: one slot, two machines. A request claims its seat, then touches its machine's record; without one it claims the
 * slot, or frees the slot of an idle machine first. A session runs on machine 1 at the beginning.
 */
#include "store.pml"

#ifndef REQUESTS
#define REQUESTS 3 /* for the machines 1, 2, 1, ... */
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif

RULE(two_machines_are_in_use);

Seat slot;
bit isActive[3];
byte revision[3];
bit isLive = 1; /* the session of the beginning */
bit hasSeat[REQUESTS + 1];
bit isAnswered[REQUESTS + 1];
byte machineOf[REQUESTS + 1];

inline inUse(m) {
  used = (m == 1 && isLive);
  i = 1;
  do
  :: i <= REQUESTS -> if :: hasSeat[i] && machineOf[i] == m -> used = 1 :: else fi; i++
  :: else -> break
  od;
  i = 0
}

proctype Request(byte me) {
  byte m, idle, fence, seen, rounds, i, claimed;
  bit used;
  m = machineOf[me];
#ifndef M_SLOT_BEFORE_SEAT
  atomic { STEP(claim_seat) hasSeat[me] = 1 };
#endif
again:
  if
  :: rounds > ROUNDS -> goto give_up
  :: else
  fi;
  if
  :: atomic { STEP(touch)
      if
      :: isActive[m] -> revision[m]++; goto answer
      :: else -> seen = revision[m]
      fi }
  OR_DIES
  fi;
  if
  :: atomic { slot.holder == 0 -> STEP(claim_slot)
      slot.holder = m; slot.fence++; claimed = slot.fence }
  :: atomic { slot.holder == m -> fence = slot.fence; goto own_slot }
  :: atomic { slot.holder != 0 && slot.holder != m -> idle = slot.holder; fence = slot.fence; goto seek_idle }
  OR_DIES
  fi;
record:
  if
  :: atomic { STEP(record_machine)
      if
      :: revision[m] == seen -> isActive[m] = 1; revision[m]++; seen = 0; claimed = 0; goto answer
      :: else
      fi };
    atomic { STEP(give_slot_back)
      if
      :: slot.holder == m && slot.fence == claimed -> slot.holder = 0
      :: else
      fi;
      seen = 0; claimed = 0; rounds++ };
    goto again
  OR_DIES
  fi;

own_slot: /* of another request of this machine, or a crash's leftover */
  if
  :: atomic { STEP(void_own_claim)
      if
#ifdef M_NO_VOID
      :: true
#else
      :: revision[m] == seen && !isActive[m] -> revision[m]++; seen++
      :: else -> seen = 0; fence = 0; rounds++; goto again
#endif
      fi }
  OR_DIES
  fi;
  atomic { STEP(claim_own_slot)
    if
    :: slot.holder == m && slot.fence == fence -> slot.fence++; claimed = slot.fence; fence = 0; goto record
    :: else -> seen = 0; fence = 0; rounds++; goto again
    fi };

seek_idle:
  atomic { STEP(read_machine) seen = revision[idle] };
  atomic { STEP(list_seats)
    inUse(idle);
    if
    :: used -> used = 0; goto give_up
    :: else
    fi };
  if
  :: atomic { STEP(stop_machine)
      if
#ifdef M_NO_REVISION
      :: true -> isActive[idle] = 0; revision[idle]++
#else
      :: revision[idle] == seen -> isActive[idle] = 0; revision[idle]++
      :: else -> seen = 0; idle = 0; fence = 0; rounds++; goto again
#endif
      fi }
  OR_DIES
  fi;
  if
  :: atomic { STEP(free_slot)
      if
      :: slot.holder == idle && slot.fence == fence -> slot.holder = 0
      :: else
      fi;
      seen = 0; idle = 0; fence = 0; rounds++ }
  OR_DIES
  fi;
  goto again;

answer:
#ifdef M_SLOT_BEFORE_SEAT
  /* Mutant: the machine gets its slot before the session its seat. */
  atomic { hasSeat[me] = 1 };
#endif
  atomic { isAnswered[me] = 1; seen = 0; rounds = 0 };
  if
  :: atomic { STEP(world_release) isAnswered[me] = 0; hasSeat[me] = 0 }
  :: skip
  fi;
  goto over;
give_up:
  hasSeat[me] = 0;
over:
dead:
  skip
}

active proctype World() {
end_idle:
  if
  :: atomic { isLive -> STEP(world_stop) isLive = 0 }
  fi
}

#define USED(m) ((m == 1 && isLive) || (isAnswered[1] && machineOf[1] == m) || (isAnswered[2] && machineOf[2] == m) || \
  (isAnswered[3] && machineOf[3] == m))

active proctype Watch() {
end_well:
  atomic { USED(1) && USED(2) -> MUST(two_machines_are_in_use, false) }
}

init {
  atomic {
    slot.holder = 1; slot.fence = 1; isActive[1] = 1; revision[1] = 1;
    machineOf[1] = 1; machineOf[2] = 2; machineOf[3] = 2;
    run Request(1); run Request(2); run Request(3)
  }
}
