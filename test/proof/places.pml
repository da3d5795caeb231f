/*
 * The maximum of an API key's places in a queue. A request counts the places of its key that came before, takes a place, and counts
 * again. It reads one page of the line, and every ticket only if the line may be long enough. Another key's session is first in the
 * line. Of requests at once whose places are not put in the order of their arrivals, some may be too many.
 */
#include "store.pml"

#ifndef MAXIMUM
#define MAXIMUM 1
#endif
#ifndef PAGE
#define PAGE 1
#endif
#ifndef LEAVES
#define LEAVES 0 /* places that are given up */
#endif

RULE(more_places_than_the_maximum);
RULE(a_place_more_than_those_told_before);
RULE(refused_although_a_place_was_left);
RULE(all_gave_way);

byte arrivals = 1, leaves = LEAVES;
byte ticketAt[SESSIONS + 1]; /* arrival; 0: none */
bit isIn[SESSIONS + 1]; /* the entry in the line */
bit told[SESSIONS + 1];
bit asks[SESSIONS + 1], wasFull[SESSIONS + 1], isFull[SESSIONS + 1]; /* at some instant since the request began; all the time, by told places */
byte running = SESSIONS;

#define TOLD (told[1] + told[2] + (SESSIONS > 2 && told[SESSIONS]))
#define PLACES (ticketAt[1] > 0) + (ticketAt[2] > 0) + (SESSIONS > 2 && ticketAt[SESSIONS] > 0)
#define OTHERS(s) (PLACES - (ticketAt[s] > 0))
#define ENTRIES (1 + isIn[1] + isIn[2] + (SESSIONS > 2 && isIn[SESSIONS]))

/* Follows each write. */
inline look() {
  i = 1;
  do
  :: i <= SESSIONS ->
    if :: asks[i] && OTHERS(i) >= MAXIMUM -> wasFull[i] = 1 :: else fi;
    if :: TOLD < MAXIMUM -> isFull[i] = 0 :: else fi;
    i++
  :: else -> break
  od;
  i = 0
}

/* Whether the line, as far as a page shows, may have so many places of the key. The first entry is another key's. */
#ifdef M_PAGE_ALONE
#define MAY_BE_TAKEN (known >= MAXIMUM)
#else
#define MAY_BE_TAKEN (mayFollow || known >= MAXIMUM)
#endif
inline readPage() {
  known = (ENTRIES < PAGE -> ENTRIES : PAGE);
  mayFollow = (ENTRIES > PAGE)
}
/* The tickets of the key that came before. */
inline count(at) {
  n = 0; i = 1;
  do
  :: i <= SESSIONS ->
#ifdef M_COUNT_ALL
    if :: i != s && ticketAt[i] > 0 -> n++ :: else fi;
#else
    if :: i != s && ticketAt[i] > 0 && (at == 0 || ticketAt[i] < at) -> n++ :: else fi;
#endif
    i++
  :: else -> break
  od;
  i = 0
}

proctype Request(byte s) {
  byte at, known, n, i;
  bit mayFollow;
  atomic { STEP(read_line)
    asks[s] = 1; isFull[s] = (TOLD >= MAXIMUM);
#ifndef ORDERED
    arrivals++; at = arrivals;
#endif
    look(); readPage() };
  if
  :: MAY_BE_TAKEN ->
    atomic { STEP(count_places)
      count(0);
      if :: n >= MAXIMUM -> goto refused :: else fi }
  :: else
  fi;
  if
  :: atomic { STEP(put_ticket)
#ifdef ORDERED
      arrivals++; at = arrivals;
#endif
      ticketAt[s] = at; look() }
  OR_DIES
  fi;
  if
  :: atomic { STEP(put_entry) isIn[s] = 1 }
  OR_DIES
  fi;
#ifndef M_NOT_AGAIN
  atomic { STEP(read_line_again) readPage() };
  if
  :: MAY_BE_TAKEN ->
    atomic { STEP(count_places_again)
      count(at);
      if :: n >= MAXIMUM -> skip :: else -> goto tell fi }
  :: else -> goto tell
  fi;
  atomic { STEP(remove_entry) isIn[s] = 0 };
  atomic { STEP(remove_ticket) ticketAt[s] = 0; look(); goto refused };
#endif
tell:
  atomic {
    MUST(a_place_more_than_those_told_before, !isFull[s]);
    told[s] = 1; asks[s] = 0; goto over };
refused:
  atomic { MUST(refused_although_a_place_was_left, wasFull[s]); asks[s] = 0 };
dead:
over:
  atomic { running--; asks[s] = 0; wasFull[s] = 0; isFull[s] = 0; at = 0; known = 0; n = 0; mayFollow = 0 }
}

active proctype World() {
  byte i, s;
end_idle:
  do
  :: atomic { leaves > 0 && TOLD > 0 ->
      STEP(world_leave) s = 1;
      do :: !told[s] -> s++ :: else -> break od;
      leaves--; told[s] = 0; ticketAt[s] = 0; isIn[s] = 0; s = 0; look() }
  od
}

active proctype Watch() {
end_well:
  do
#ifdef ORDERED
  :: atomic { TOLD > MAXIMUM -> MUST(more_places_than_the_maximum, false) }
#endif
  :: atomic { running == 0 && leaves == LEAVES && crashes == CRASHES && TOLD < MAXIMUM -> MUST(all_gave_way, false) }
  od
}

init {
  byte i;
  atomic {
    i = 1;
    do :: i <= SESSIONS -> run Request(i); i++ :: else -> break od;
    i = 0
  }
}
