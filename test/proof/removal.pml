/*
 * The removal of machine 1, on which session 1 runs: it ends the machine's record, then the sessions there, then frees its slot,
 * and may die in between. A check of the schedule finishes it. Newcomers want to start on machine 1 and on machine 2.
 */
#include "store.pml"

RULE(two_machines_are_in_use);
RULE(a_removed_session_runs_on);

byte slot = 1;
bit isActive[3];
bit old = 1; /* the session that ran before the removal */
bit runs[5]; /* by newcomer; 1 and 3 on machine 1, 2 and 4 on machine 2 */
bit begun, checked;

#define ON(m) ((m == 1 && old) || (m == 1 && (runs[1] || runs[3])) || (m == 2 && (runs[2] || runs[4])))

active proctype Removal() {
  if
  /* On condition of the record as it was read: no session began since. */
  :: atomic { isActive[1] && !runs[1] && !runs[3] -> STEP(close_record) isActive[1] = 0; begun = 1 }
  fi;
  if
  :: atomic { STEP(close_sessions) old = 0 }
  OR_DIES
  fi;
  if
  :: atomic { STEP(free_slot) if :: slot == 1 && !isActive[1] -> slot = 0 :: else fi }
  OR_DIES
  fi;
dead:
  atomic { STEP(check) old = 0; checked = 1 }
}

proctype Newcomer(byte me) {
  byte m, other, rounds;
  m = (me % 2 == 1 -> 1 : 2); other = 3 - m;
again:
  if
  :: rounds > 1 -> goto over
  :: else -> rounds++
  fi;
  if
  :: atomic { isActive[m] -> STEP(touch) runs[me] = 1; goto over }
  :: atomic { !isActive[m] && slot == m -> goto own }
  :: atomic { !isActive[m] && slot == 0 -> goto claim }
  :: atomic { !isActive[m] && slot == other -> goto idle }
  fi;
own:
#ifndef M_NO_FINISH
  atomic { STEP(finish_removal) if :: m == 1 -> old = 0 :: else fi };
#endif
  atomic { STEP(free_own_slot) if :: slot == m && !isActive[m] -> slot = 0 :: else fi };
claim:
  atomic { STEP(claim_slot)
    if
    :: slot == 0 -> slot = m; isActive[m] = 1; runs[me] = 1; goto over
    :: else -> goto again
    fi };
idle:
  atomic { STEP(list_seats)
    if
#ifdef M_BY_RECORD
    :: slot == other && !(isActive[other] && ON(other))
#else
    :: slot == other && !ON(other)
#endif
    :: else -> goto over
    fi };
  atomic { STEP(free_idle_slot)
    if
    :: slot == other && !(isActive[other] && ON(other)) -> isActive[other] = 0; slot = 0
    :: else
    fi };
  goto claim;
over:
  skip
}

active proctype Watch() {
end_well:
  do
  :: atomic { ON(1) && ON(2) -> MUST(two_machines_are_in_use, false) }
  :: atomic { checked && begun && old -> MUST(a_removed_session_runs_on, false) }
  od
}

init {
  atomic { isActive[1] = 1; run Newcomer(1); run Newcomer(2); run Newcomer(3); run Newcomer(4) }
}
