/*
 * A session moves to another machine: mark on the seat, intent on the record, commit on the seat, record. Two transfers try at
 * once; requests that find a move finish or drop it, whatever the clocks say; the session is released; its lease may end, and
 * another session takes the seat. Each process may die anywhere.
 */
#include "store.pml"

#ifndef TRANSFERS
#define TRANSFERS 2
#endif
#ifndef RESOLVERS
#define RESOLVERS 2
#endif
#ifndef TRIES
#define TRIES 1 /* how often a transfer begins again */
#endif
#ifndef LAPSES
#define LAPSES 1
#endif

RULE(a_live_session_whose_record_names_another_claim);
RULE(a_live_session_lost_its_seat);
RULE(an_ended_session_holds_a_seat);
RULE(two_transfers_of_one_claim_were_made);

/* Session 1 holds the seat. `mark`: moveId; `by`: the move that made the claim. */
Seat seat;
byte mark, marks;
bit isActive = 1;
byte fence = 1; /* of the record */
byte revision = 1;
byte moving; /* the ID of the move on the record; its claim has the record's fence + 1 */
byte ids;
byte taken; /* lapses */
byte made[8]; /* by fence */

#define MOVED(f, id) (STANDS(seat, 1, (f) + 1) && seat.by == id)

inline vacate() { seat.holder = 0; seat.by = 0; mark = 0; marks = 0 }
/* Frees the seats of an ended session: of the claim on its record, then of the move. */
inline freeHold(f, id) {
  STEP(free_hold)
  if :: STANDS(seat, 1, f) -> vacate() :: else fi
}
inline freeMoved(f, id) {
  STEP(free_moved)
  if :: id != 0 && MOVED(f, id) -> vacate() :: else fi
}

/* Records a move that was made. A session that ended meanwhile gives its seat back. */
inline record(f, id) {
  if
  :: atomic { STEP(record_move)
      if
      :: isActive && fence == f && moving == id -> fence = f + 1; moving = 0; revision++; todo = 0
      :: else -> todo = (isActive || fence != f -> 0 : 4)
      fi }
  OR_DIES
  fi;
  if
  :: todo == 4 ->
    atomic { freeHold(f, id) };
    atomic { freeMoved(f, id); todo = 0 }
  :: todo == 0
  fi
}

/* Finishes or drops the move `id` of the claim with fence `f`. */
inline resolve(f, id) {
  if
  :: atomic { STEP(read_seat)
      if
      :: STANDS(seat, 1, f) -> todo = 1
      :: MOVED(f, id) -> todo = 2
      :: else -> todo = 3
      fi }
  OR_DIES
  fi;
  if
  :: todo == 1 ->
#ifndef M_NO_UNMARK
    if
    :: atomic { STEP(unmark)
        if :: STANDS(seat, 1, f) && mark == id -> mark = 0 :: else fi;
        todo = (MOVED(f, id) -> 2 : 3) }
    OR_DIES
    fi
#else
    todo = 3
#endif
  :: todo != 1
  fi;
  if
  :: todo == 2 -> record(f, id)
  :: atomic { todo == 3 -> STEP(drop_intent)
      if :: isActive && fence == f && moving == id -> moving = 0; revision++ :: else fi;
      todo = 0 }
  OR_DIES
  fi
}

proctype Transfer() {
  byte f, id, seen, seenMarks, tries, todo;
again:
  if
  :: tries > TRIES -> goto over
  :: else -> tries++
  fi;
  f = 0; id = 0; seen = 0; seenMarks = 0;
  atomic { STEP(read_session)
    if
    :: !isActive -> goto over
    :: isActive -> f = fence; seen = revision; id = moving; seenMarks = marks;
    fi };
  if
  :: id != 0 -> resolve(f, id); goto again
  :: else
  fi;
  if
  :: atomic { STEP(mark)
      if
      :: STANDS(seat, 1, f) && marks == seenMarks -> ids++; id = ids; mark = id; marks++
      :: else -> goto again
      fi }
  OR_DIES
  fi;
  if
  :: atomic { STEP(put_intent)
      if
      :: isActive && revision == seen -> moving = id; revision++; todo = 1
      :: else -> todo = 0
      fi }
  OR_DIES
  fi;
  if
  :: todo == 0 ->
    atomic { STEP(take_mark_off) if :: STANDS(seat, 1, f) && mark == id -> mark = 0 :: else fi };
    goto again
  :: else
  fi;
  if
  :: atomic { STEP(commit)
      if
      :: STANDS(seat, 1, f) && mark == id ->
        seat.fence = f + 1; seat.by = id; mark = 0; marks = 0;
        MUST(two_transfers_of_one_claim_were_made, made[f] == 0);
        made[f] = id; todo = 1
      :: else -> todo = MOVED(f, id)
      fi }
  OR_DIES
  fi;
  if
  :: todo == 0 -> resolve(f, id); goto again
  :: else
  fi;
  record(f, id);
over:
dead:
  skip
}

/* A request that finds the move on the record. */
proctype Resolver() {
  byte f, id, todo;
end_idle:
  if
  :: atomic { isActive && moving != 0 -> STEP(find_move) f = fence; id = moving }
  fi;
  resolve(f, id);
dead:
  skip
}

proctype Release() {
  byte f, id;
  if
  :: atomic { STEP(release) f = fence; id = moving; isActive = 0; revision++ }
  :: skip -> goto over
  fi;
again:
  if
  :: atomic { freeHold(f, id) }
  OR_DIES
  fi;
  if
  :: atomic { freeMoved(f, id) }
  OR_DIES
  fi;
  skip;
  goto over;
dead:
  /* A repetition of the release, or the stream function, finishes it. */
  atomic { STEP(finish_release) f = fence; id = moving; goto again };
over:
  skip
}

proctype World() {
  if
  :: atomic { taken < LAPSES -> STEP(world_lapse)
      seat.holder = 2; seat.fence++; seat.by = 0; mark = 0; marks = 0; taken++ }
  :: skip
  fi
}

active proctype Watch() {
end_well:
  do
  /* Until its release the session keeps its seat, or has moved. */
  :: atomic { taken == 0 && isActive && seat.holder != 1 && seat.fence > 0 -> MUST(a_live_session_lost_its_seat, false) }
  :: atomic { timeout && taken == 0 && isActive && !STANDS(seat, 1, fence) && !MOVED(fence, moving) ->
      MUST(a_live_session_whose_record_names_another_claim, false) }
  :: atomic { timeout && taken == 0 && !isActive && seat.holder == 1 -> MUST(an_ended_session_holds_a_seat, false) }
  od
}

init {
  byte i;
  atomic {
    seat.holder = 1; seat.fence = 1;
    run Release(); run World();
    i = 0; do :: i < TRANSFERS -> run Transfer(); i++ :: else -> break od;
    i = 0; do :: i < RESOLVERS -> run Resolver(); i++ :: else -> break od;
    i = 0
  }
}
