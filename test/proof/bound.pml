/*
 * An offline license is issued while a transfer concerns its machine: the claim of the issue, which may lapse; the repetition of
 * its request; a transfer that marks, looks for offline claims and commits. OF_LICENSE: the transfer of a user's license, which is
 * verified before its commit and then completed by any request. Otherwise it is a session's, which may be dropped until then.
 */
#include "store.pml"

RULE(a_transfer_was_made_after_an_offline_license);

#define NONE 0
#define HELD_CLAIM 1
#define LAPSED_CLAIM 2
#define CLOSED 3
#define PENDING 1
#define ISSUED 2
#define MARKED 1
#define VERIFIED 2
#define MADE 3
byte held; /* the claim of the issue */
byte license;
byte mark;
bit issuing = 1;

inline made() { MUST(a_transfer_was_made_after_an_offline_license, license != ISSUED); mark = MADE }
inline completeLicense() {
  if :: license == PENDING && held != CLOSED -> held = HELD_CLAIM; license = ISSUED :: else fi
}

proctype Issue() {
again:
  atomic { STEP(claim) held = HELD_CLAIM };
#ifndef M_ISSUE_BLIND
  if
  :: atomic { STEP(settle_transfers)
      if
      :: mark == MARKED -> mark = NONE
      :: mark == VERIFIED -> made()
      :: else
      fi }
  OR_DIES
  fi;
#endif
  if
  :: atomic { STEP(record) license = PENDING }
  OR_DIES
  fi;
  if
  :: atomic { STEP(complete) completeLicense() }
  OR_DIES
  fi;
dead:
  /* A repetition of the request completes a pending license, or begins again. */
  issuing = 0;
  if
  :: atomic { license == PENDING -> STEP(repeat) completeLicense() }
  :: atomic { held == CLOSED && license != ISSUED -> license = NONE; held = NONE; goto again }
  :: skip
  fi
}

inline lookForClaims() {
#ifndef M_NO_CLOSE
  if :: held == LAPSED_CLAIM -> held = CLOSED :: else fi;
#endif
  if
  :: held == HELD_CLAIM -> if :: mark == MARKED -> mark = NONE :: else fi; goto over
  :: else
  fi
}

proctype Transfer() {
  byte tries;
again:
  if
  :: tries == 2 -> goto over
  :: else -> tries++
  fi;
  atomic { STEP(look) lookForClaims() };
  if
  :: atomic { STEP(mark) mark = MARKED }
  OR_DIES
  fi;
#ifndef M_TRANSFER_BLIND
  if
  :: atomic { STEP(look_again) lookForClaims() }
  OR_DIES
  fi;
#endif
#ifdef OF_LICENSE
  if
  :: atomic { STEP(verify_intent) if :: mark == MARKED -> mark = VERIFIED :: else -> goto again fi }
  OR_DIES
  fi;
  if
  :: atomic { STEP(commit_license)
      if
      :: mark == VERIFIED -> made()
      :: mark == MADE
      :: else -> goto again
      fi }
  OR_DIES
  fi;
#else
  if
  :: atomic { STEP(commit) if :: mark == MARKED -> made() :: mark == MADE :: else -> goto again fi }
  OR_DIES
  fi;
#endif
over:
dead:
  skip
}

active proctype World() {
end_idle:
  do
  :: atomic { held == HELD_CLAIM && license != ISSUED -> STEP(world_lapse) held = LAPSED_CLAIM }
  od
}

init {
  atomic { run Issue(); run Transfer() }
}
