/*
 * The removal of a member who has two sessions: the membership, then the waits, then the seats. Requests that the gateway let
 * through before may claim, record and wait meanwhile; a session moves; the removal dies and is repeated; the member joins again.
 * When these requests are over, a check ends what they began.
 */
#include "store.pml"

#ifndef POLLS
#define POLLS 0 /* of a request of session 1; 0: it does not come */
#endif
#ifndef POLLS_OF_2
#define POLLS_OF_2 0
#endif
#ifndef RUNS
#define RUNS 0 /* session 1 holds a seat at the beginning */
#endif
#ifndef WAITS
#define WAITS 0 /* session 1 waits at the beginning */
#endif
#ifndef GIVEN_BACK
#define GIVEN_BACK 0 /* seats that others hold at the beginning */
#endif
#ifndef ROUNDS
#define ROUNDS 1 /* of the removal */
#endif
#ifndef JOINS
#define JOINS 0
#endif
#ifndef MOVES
#define MOVES 0 /* transfers of session 1 to another machine */
#endif
#define OTHER 3

RULE(a_session_goes_on_after_the_answer);
RULE(a_session_goes_on_after_the_check);
RULE(a_seat_is_held_after_the_check);
RULE(a_session_of_the_new_membership_was_ended);

bit isMember = 1, wasRemoved, isAnswered, isChecked;
byte joined; /* joinedAt */
byte underWay[2]; /* requests, by the membership that the gateway saw */
byte moves = MOVES, frees = GIVEN_BACK;

Seat seats[SEATS]; /* `by`: claimedAt */
#define NONE 0
#define ACTIVE 1
#define ENDED 2 /* by the removal: final */
byte status[3], number[3], fence[3], revision[3];
bit waits[3];
bit was[3]; /* the session ran, waited or had a claim when the membership ended */

#define OWN(k) (seats[k].holder == 1 || seats[k].holder == 2)
#define NAMES(s, k, f) (status[s] != NONE && number[s] == (k) && fence[s] == (f))
#define FORMER(k) (!isMember || seats[k].by < joined)
#define GOES_ON(s) (status[s] == ACTIVE && FORMER(number[s]))
#define CAME(s) (status[s] == ACTIVE || waits[s] || seats[0].holder == s || seats[1].holder == s)

proctype Request(byte s; byte polls) {
  byte rev, k, f, at;
end_refused:
  atomic { isMember -> at = joined; underWay[at]++ };
  do
  :: polls > 0 ->
    if
    :: atomic { STEP(read)
        polls--; rev = revision[s];
        if
        :: status[s] != NONE || seats[0].holder == s || seats[1].holder == s -> goto over
        :: else
        fi;
        if
        :: seats[0].holder == 0 -> k = 0
        :: seats[1].holder == 0 -> k = 1
        :: seats[0].holder != 0 && seats[1].holder != 0 -> k = SEATS
        fi }
    OR_DIES
    fi;
    if
    :: k == SEATS ->
      if
      :: atomic { STEP(put_ticket) waits[s] = 1 }
      OR_DIES
      fi;
      if
      :: atomic { STEP(look_again) if :: revision[s] != rev -> waits[s] = 0 :: else fi }
      OR_DIES
      fi
    :: else ->
      if
      :: atomic { STEP(claim)
          if
          :: seats[k].holder == 0 -> seats[k].holder = s; seats[k].fence++; seats[k].by = joined; f = seats[k].fence
          :: else -> f = 0
          fi }
      OR_DIES
      fi;
      if
      :: f == 0
      :: f > 0 ->
        if
        :: atomic { STEP(record)
            if
            :: revision[s] == rev -> status[s] = ACTIVE; number[s] = k; fence[s] = f; revision[s]++; polls = 0; f = 0
            :: else
            fi }
        OR_DIES
        fi;
        if
        :: atomic { f > 0 -> STEP(give_back) if :: STANDS(seats[k], s, f) -> seats[k].holder = 0 :: else fi; f = 0 }
        :: atomic { f == 0 -> STEP(leave_line) waits[s] = 0 }
        OR_DIES
        fi
      fi
    fi
  :: else -> break
  od;
over:
dead:
  atomic { underWay[at]--; rev = 0; k = 0; f = 0; polls = 0; at = 0 }
}

#define MUST_BE_FORMER MUST(a_session_of_the_new_membership_was_ended, FORMER(k))

/* Ends the claim (k, f) of session s, with or without a record. */
inline forceEnd() {
  may = 0; isOver = 0;
  do
  :: !isOver && !may ->
    if
    :: atomic { STEP(read_claim)
        isOver = !STANDS(seats[k], s, f); isOn = NAMES(s, k, f); rev = revision[s] }
    OR_DIES
    fi;
    if
    :: isOver
    :: !isOver && isOn ->
      if
      :: atomic { STEP(end_record)
          if
          :: NAMES(s, k, f) ->
            may = 1;
            if :: status[s] == ACTIVE -> MUST_BE_FORMER; status[s] = ENDED; revision[s]++ :: else fi
          :: else
          fi }
      OR_DIES
      fi
    :: !isOver && !isOn ->
#ifdef M_NO_VOID
      may = 1
#else
      if
      :: atomic { STEP(void_claim)
          if
          :: revision[s] == rev -> may = 1; status[s] = ENDED; number[s] = k; fence[s] = f; revision[s]++
          :: else
          fi }
      OR_DIES
      fi
#endif
    fi
  :: else -> break
  od;
  if
  :: may ->
    if
    :: atomic { STEP(free_seat) if :: STANDS(seats[k], s, f) -> MUST_BE_FORMER; seats[k].holder = 0 :: else fi }
    OR_DIES
    fi
  :: else
  fi;
  isOn = 0; isOver = 0; may = 0; rev = 0
}

/* Ends the waits, by their records first. */
inline endWaits() {
  if
  :: atomic { STEP(read_waits) listed = waits[1] + 2 * waits[2] }
  OR_DIES
  fi;
  if
  :: atomic { STEP(read_member_after_waits) if :: isMember -> listed = 0 :: else fi }
  OR_DIES
  fi;
  do
  :: listed > 0 ->
    s = (listed & 1 -> 1 : 2);
    if
    :: atomic { STEP(read_record) rev = revision[s]; may = (status[s] != NONE) }
    OR_DIES
    fi;
    if
    :: !may ->
      if
      :: atomic { STEP(put_ended)
          if
          :: revision[s] == rev -> may = 1; status[s] = ENDED; fence[s] = 0; revision[s]++
          :: else
          fi }
      OR_DIES
      fi
    :: else
    fi;
    if
    :: may ->
      if
      :: atomic { STEP(remove_place) waits[s] = 0; listed = listed - s; may = 0; s = 0; rev = 0 }
      OR_DIES
      fi
    :: else
    fi
  :: else -> break
  od
}

inline note(seat) { s = seat.holder; f = seat.fence; by = seat.by }
/* Ends the claim of seat k as listed, and each later one of the member. */
inline endSeat() {
  do
  :: s == 1 || s == 2 ->
    if
    :: atomic { STEP(read_member)
#ifdef M_ALL
        stays = 0
#elif defined(M_MEMBER_FIRST)
        stays = by >= since
#else
        stays = isMember && by >= joined
#endif
      }
    OR_DIES
    fi;
    if
    :: stays -> s = 0
    :: else ->
      forceEnd();
#ifdef M_ONCE
      s = 0
#else
      if
      :: atomic { STEP(read_seat_again) note(seats[k]) }
      OR_DIES
      fi
#endif
    fi
  :: else -> break
  od
}
inline endSessions() {
  if
  :: atomic { STEP(list_seats)
      note(seats[0]); s2 = seats[1].holder; f2 = seats[1].fence; by2 = seats[1].by; k = 0
#ifdef M_BY_RECORD
      ; if :: s < 3 && !(NAMES(s, 0, f)) -> s = 0 :: else fi
      ; if :: s2 < 3 && !(NAMES(s2, 1, f2)) -> s2 = 0 :: else fi
#endif
    }
  OR_DIES
  fi;
  endSeat();
  atomic { s = s2; f = f2; by = by2; k = 1; s2 = 0; f2 = 0; by2 = 0 };
  endSeat()
}
inline endUses() {
#ifdef M_MEMBER_FIRST
  /* Mutant: reads the membership once, before the seats. */
  since = (isMember -> joined : 255);
#endif
#ifdef M_SEATS_FIRST
  endSessions(); endWaits();
#else
  endWaits(); endSessions();
#endif
}
inline forget() {
  s = 0; f = 0; by = 0; k = 0; s2 = 0; f2 = 0; by2 = 0; listed = 0; rev = 0; isOn = 0; isOver = 0; may = 0; stays = 0
}

inline endMembership() {
  STEP(end_membership)
  if
  :: !wasRemoved ->
    isMember = 0; wasRemoved = 1;
    was[1] = CAME(1); was[2] = CAME(2)
  :: else
  fi
}

proctype Removal() {
  byte rounds = ROUNDS;
  byte s, f, by, k, s2, f2, by2, listed, rev, since;
  bit isOn, isOver, may, stays;
again:
  rounds--;
#ifdef M_MEMBERSHIP_LAST
  endUses();
  atomic { endMembership() };
#else
  atomic { endMembership() };
  endUses();
#endif
  atomic { isAnswered = 1; goto over };
dead:
  atomic {
    forget();
    if
    :: rounds > 0 && !isMember -> goto again
    :: else
    fi };
over:
  skip
}

proctype Check() {
  byte s, f, by, k, s2, f2, by2, listed, rev, since;
  bit isOn, isOver, may, stays;
end_idle:
#ifdef M_AT_ONCE
  wasRemoved;
#else
  wasRemoved && underWay[0] == 0;
#endif
again:
#ifndef M_NO_CHECK
  endUses();
#endif
  atomic { isChecked = 1; goto over };
dead:
  atomic { forget(); goto again };
over:
  skip
}

active proctype World() {
  byte s = 1;
end_idle:
  do
  :: atomic { frees > 0 && seats[1].holder == OTHER -> STEP(world_free) seats[1].holder = 0; frees-- }
  :: atomic { frees > 0 && seats[0].holder == OTHER -> seats[0].holder = 0; frees-- }
  :: atomic { joined < JOINS && wasRemoved -> STEP(world_join) isMember = 1; joined++ }
  :: atomic { moves > 0 && status[1] == ACTIVE && STANDS(seats[number[1]], 1, fence[1]) ->
      STEP(world_move) moves--; seats[number[1]].fence++; fence[1]++; revision[1]++ }
  od
}

active proctype Watch() {
end_well:
  do
  :: atomic { isAnswered && ((was[1] && GOES_ON(1)) || (was[2] && GOES_ON(2))) -> MUST(a_session_goes_on_after_the_answer, false) }
  :: atomic { isChecked && (GOES_ON(1) || GOES_ON(2)) -> MUST(a_session_goes_on_after_the_check, false) }
  :: atomic { isChecked && ((OWN(0) && FORMER(0)) || (OWN(1) && FORMER(1))) -> MUST(a_seat_is_held_after_the_check, false) }
  od
}

init {
  atomic {
    if :: RUNS -> seats[0].holder = 1; seats[0].fence = 1; status[1] = ACTIVE; fence[1] = 1; revision[1] = 1 :: else fi;
    if :: GIVEN_BACK > 0 -> seats[1].holder = OTHER :: else fi;
    if :: GIVEN_BACK > 1 -> seats[0].holder = OTHER :: else fi;
    waits[1] = WAITS;
    if :: POLLS > 0 -> run Request(1, POLLS) :: else fi;
    if :: POLLS_OF_2 > 0 -> run Request(2, POLLS_OF_2) :: else fi;
    run Removal();
    run Check()
  }
}
