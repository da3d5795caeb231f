/*
 * The queue, of which a poll reads only the head. A waiting session has a ticket, by its session, and an entry in the line, by
 * arrival. Polls of a session at once, its DELETE, a forced end, other holders that give seats back or take them. Places end by
 * the clock if nobody renews them. With LIVE each request asks until its session is served.
 */
#include "store.pml"

#ifndef WAITING
#define WAITING 0 /* the first sessions that wait at the beginning, in order */
#endif
#ifndef FREE_SEATS
#define FREE_SEATS 0 /* the other seats are held by other holders */
#endif
#ifndef GIVEN_BACK
#define GIVEN_BACK 1
#endif
#ifndef TAKEN
#define TAKEN 0
#endif
#ifndef ENDS
#define ENDS 0 /* releases of sessions that got a seat */
#endif
/* How often each request polls; 0: it does not come. A_AGAIN: another request of session A. */
#ifndef A_POLLS
#define A_POLLS 1
#endif
#ifndef A_AGAIN
#define A_AGAIN 0
#endif
#ifndef B_POLLS
#define B_POLLS 0
#endif
#ifndef C_POLLS
#define C_POLLS 0
#endif
#ifndef C_WAITS
#define C_WAITS 0
#endif
#ifndef LAPSES
#define LAPSES 0 /* entries and tickets that end by the clock although their sessions ask */
#endif
#define ARRIVALS 8
#ifndef PAGE
#define PAGE ARRIVALS /* entries of the line that are read in one step */
#endif
#define OTHER 4

RULE(a_session_overtook_another_that_was_told_its_place);
RULE(one_place_was_served_twice);
RULE(a_told_place_is_not_in_the_line);
RULE(an_entry_of_a_session_that_does_not_wait);
RULE(an_entry_that_no_request_looks_for);
RULE(a_session_was_removed_and_goes_on);
RULE(one_session_got_two_seats);
RULE(a_claim_was_refused_although_nothing_changed);

byte holder[SEATS]; /* 0: free */
byte claimedBy[SEATS]; /* the request of a claim without a record */
bit stamped; /* lineUntil */
byte ticketAt[4], ticketFence[4];
bit hasLeft[4];
byte entry[ARRIVALS]; /* the session that arrived then */
bit ended[ARRIVALS], isOver[ARRIVALS]; /* by the clock the ticket, or the entry, counts no more */
bit renewed[4]; /* a ticket, since its entry was cleared */
byte arrivals;
#define NONE 0
#define ACTIVE 1
#define ENDED 2
#define FORCED 3
byte status[4], revision[4], fence[4];
byte told[4]; /* the place that the session was told */
bit wasServed[ARRIVALS];
bit isServed[4];
byte frees = GIVEN_BACK, taken = TAKEN, ends = ENDS, lapses = LAPSES;
byte asking[4]; /* requests of the session that are not over */
bit begun;
bit leaving, removing; /* under way */
bit isRemoved;

/* By request: the claim, and whether it was its turn at no time since. */
byte sid[5], own[5], claimed[5];
bit unfair[5], busy[5], isDead[5];
byte toldBefore[5]; /* sessions, by bits */

#define ENDED_TICKET(s) (ended[ticketAt[s]])
#define SERVED(s) (ticketFence[s] < fence[s])
/* A place that counts no more by any clock. */
#define OVER(at) (entry[at] > 0 && isOver[at] && (ended[at] || ticketAt[entry[at]] != at))
#define WAITS(s, at) (ticketAt[s] == (at) && !hasLeft[s] && status[s] != ACTIVE)

#ifdef M_DEAD_STAYS
#define COUNTS(at, s) (entry[at] > 0 && entry[at] != s)
#else
#define COUNTS(at, s) (entry[at] > 0 && entry[at] != s && !isOver[at])
#endif
inline dropEntry(s, at) { if :: at > 0 && entry[at] == s -> entry[at] = 0 :: else fi }
inline dropTicket(s, at) {
  if :: at > 0 && ticketAt[s] == at -> ticketAt[s] = 0; ticketFence[s] = 0; hasLeft[s] = 0 :: else fi
}
#define GOES_FIRST(n, r) (n != sid[r] && told[n] > 0 && (own[r] == 0 || told[n] < own[r]) && status[n] != ACTIVE)
#if SEATS == 1
#define LEFT(r) 0
#elif SEATS == 2
#define LEFT(r) ((claimed[r] != 0 && (holder[0] == 0 || claimedBy[0])) + (claimed[r] != 1 && (holder[1] == 0 || claimedBy[1])))
#else
#define LEFT(r) ((claimed[r] != 0 && (holder[0] == 0 || claimedBy[0])) + (claimed[r] != 1 && (holder[1] == 0 || claimedBy[1])) + \
  (claimed[r] != 2 && (holder[2] == 0 || claimedBy[2])))
#endif
#define FIRST(r) ((GOES_FIRST(1, r) && (toldBefore[r] & 2)) + (GOES_FIRST(2, r) && (toldBefore[r] & 4)) + \
  (GOES_FIRST(3, r) && (toldBefore[r] & 8)))
#define FAIR(r) (LEFT(r) >= FIRST(r))
/* Follows each write: a claim is fair if at some instant enough seats were left for those before it. */
inline look() {
#ifdef LIVE
  skip
#else
  if :: unfair[1] && FAIR(1) -> unfair[1] = 0 :: else fi;
  if :: unfair[2] && FAIR(2) -> unfair[2] = 0 :: else fi;
  if :: unfair[3] && FAIR(3) -> unfair[3] = 0 :: else fi;
  if :: unfair[4] && FAIR(4) -> unfair[4] = 0 :: else fi
#endif
}

#define COUNT(bits) (((bits) & 1) + (((bits) >> 1) & 1) + (((bits) >> 2) & 1))
/* Reads the next entries before its own: how many count (`before`), how many of these have no seat (`found`). */
inline readPage() {
  do
  :: n < PAGE && i < ARRIVALS && (own[me] == 0 || i < own[me]) ->
    if
    :: COUNTS(i, s) ->
      before++;
      if :: !(seated & (1 << entry[i])) -> found++ :: else fi
    :: else
    fi;
    if :: entry[i] > 0 -> n++ :: else fi;
    i++
  :: else -> break
  od
}

inline knowLine() { isFirst = (found == 0); i = 0; n = 0; before = 0 }

proctype Request(byte s; byte me; byte polls; bit waits) {
  byte rev, fen, k, i, n, found, free, seated, before, former;
  bit isFirst;
  sid[me] = s;
rest:
  atomic {
    busy[me] = 0; own[me] = 0; claimed[me] = 0; unfair[me] = 0; toldBefore[me] = 0;
    rev = 0; fen = 0; k = 0; i = 0; n = 0; found = 0; free = 0; seated = 0; before = 0; former = 0; isFirst = 0;
    if
#ifdef LIVE
    :: isServed[s] -> goto over
#else
    :: polls == 0 -> goto over
#endif
    :: else
    fi
  };
  if
  :: atomic { STEP(read)
#ifndef LIVE
      polls--;
#endif
      busy[me] = 1;
      if
      :: status[s] == FORCED -> told[s] = 0; polls = 0; goto rest
      :: else -> rev = revision[s]; fen = fence[s]
      fi;
      if
      :: status[s] == ACTIVE -> goto after
      :: else
      fi;
      i = 0;
      do
      :: i < SEATS ->
        if
        :: holder[i] == 0 -> free = free | (1 << i)
        :: holder[i] == s && claimedBy[i] -> goto rest
        :: else -> seated = seated | (1 << holder[i])
        fi;
        i++
      :: else -> break
      od;
      i = 0;
      if
      :: !stamped -> goto choose
      :: else
      fi }
  OR_DIES
  fi;
  if
  :: atomic { STEP(read_head)
#ifndef M_USED_PLACE
      if
      :: ticketAt[s] > 0 && SERVED(s) -> own[me] = ticketAt[s]; goto forget
      :: else
      fi;
#endif
      own[me] = (hasLeft[s] || ENDED_TICKET(s) -> 0 : ticketAt[s]);
      former = (own[me] == 0 -> ticketAt[s] : 0);
      i = 1;
      readPage();
#ifdef M_NO_HEAD
      found = 0;
#endif
#ifndef M_ONE_PAGE
      /* More follow, and free seats are left after those that are known. */
      if
      :: n == PAGE && COUNT(free) > found -> n = 0
      :: else -> knowLine(); goto choose
      fi
#else
      knowLine(); goto choose
#endif
    }
  OR_DIES
  fi;
#ifndef M_ONE_PAGE
  do
  :: atomic { STEP(read_on)
      readPage();
      if
      :: n == PAGE && COUNT(free) >= before -> n = 0
      :: else -> knowLine(); goto choose
      fi }
  OR_DIES
  od;
#endif
choose:
  atomic {
    /* The session of rank r takes the r-th free seat. */
    k = 0;
    do
    :: k < SEATS && !(free & (1 << k)) -> k++
    :: k < SEATS && (free & (1 << k)) && found > 0 -> found--; k++
    :: else -> break
    od;
    free = 0; seated = 0;
    if
    :: k < SEATS -> found = 0
    :: else -> k = 0; found = 0; goto join
    fi
  };
  if
  :: atomic { STEP(claim)
      if
      :: holder[k] != 0 -> goto rest
      :: else
      fi;
      holder[k] = s; claimedBy[k] = me;
#ifndef LIVE
      claimed[me] = k; unfair[me] = 1;
      toldBefore[me] = (GOES_FIRST(1, me) << 1) | (GOES_FIRST(2, me) << 2) | (GOES_FIRST(3, me) << 3);
#endif
      look() }
  OR_DIES
  fi;
#ifdef M_NO_TURN
  goto record;
#endif
#ifdef M_SEATS_FIRST
  goto verify_seats;
#endif
verify_line:
  if
  :: atomic { STEP(verify_line)
#ifdef M_SEATS_FIRST
      seated = before; before = 0;
#endif
      if :: i == 0 -> i = 1 :: else fi;
      do
      :: n < PAGE && i < ARRIVALS && (own[me] == 0 || i < own[me]) && stamped ->
        if
        :: COUNTS(i, s) -> before = before | (1 << entry[i])
        :: else
        fi;
        if :: entry[i] > 0 -> n++ :: else fi;
        i++
      :: else -> break
      od;
#ifndef M_VERIFY_ONE_PAGE
      if
      :: n == PAGE && COUNT(before >> 1) < SEATS -> n = 0; goto verify_line
      :: else
      fi;
#endif
      i = 0; n = 0;
#ifdef M_SEATS_FIRST
      before = before & (~seated); seated = 0;
      i = ((before >> 1) & 1) + ((before >> 2) & 1) + ((before >> 3) & 1);
      if
      :: found >= i -> i = 0; before = 0; found = 0; goto record
      :: else -> i = 0; before = 0; found = 0; goto give_back
      fi
#else
      if
      :: before == 0 -> goto record
      :: COUNT(before >> 1) >= SEATS -> before = 0; goto give_back
      :: else
      fi
#endif
  }
  OR_DIES
  fi;
verify_seats:
  do
  :: atomic { i < SEATS -> STEP(verify_seats)
      if
      :: holder[i] == 0 -> found++
#ifdef M_SEATS_FIRST
      :: else -> before = before | (1 << holder[i])
#else
      :: else -> before = before & (~(1 << holder[i]))
#endif
      fi;
      i++ }
  :: else -> break
  od;
#ifdef M_SEATS_FIRST
  i = 0;
  goto verify_line;
#endif
  atomic {
    i = ((before >> 1) & 1) + ((before >> 2) & 1) + ((before >> 3) & 1);
    if
    :: found >= i -> i = 0; before = 0; found = 0; goto record
    :: else -> i = 0; before = 0; found = 0; goto give_back
    fi
  };
record:
  if
  :: atomic { STEP(record)
      if
      :: revision[s] != rev -> goto give_back
      :: else
      fi;
      MUST(a_session_overtook_another_that_was_told_its_place, !unfair[me]);
      MUST(one_place_was_served_twice, own[me] == 0 || !wasServed[own[me]]);
      if :: own[me] > 0 -> wasServed[own[me]] = 1 :: else fi;
      isServed[s] = 1;
      claimedBy[k] = 0; status[s] = ACTIVE; fence[s] = fen + 1; revision[s]++; told[s] = 0; unfair[me] = 0;
      look();
      if
      :: own[me] > 0 -> goto clean
      :: else
      fi }
  OR_DIES
  fi;
#ifdef M_NO_LOOK_AFTER
  goto rest;
#endif
after:
  if
  :: atomic { STEP(look_for_ticket)
      if
      :: ticketAt[s] > 0 && SERVED(s) -> own[me] = ticketAt[s]
      :: else -> goto rest
      fi }
  OR_DIES
  fi;
clean:
  if
  :: atomic { STEP(remove_own_entry) dropEntry(s, own[me]) }
  OR_DIES
  fi;
  if
  :: atomic { STEP(remove_own_ticket)
      dropTicket(s, own[me]);
#ifndef M_NO_LOOK_AFTER
      if :: ticketAt[s] > 0 -> goto after :: else fi
#endif
    }
  OR_DIES
  fi;
  goto rest;
forget:
  if
#ifdef M_USED_STAYS
  :: goto rest
#else
  :: atomic { STEP(remove_used_place) dropEntry(s, own[me]); dropTicket(s, own[me]); goto rest }
#endif
  OR_DIES
  fi;
give_back:
  if
  :: atomic { STEP(give_back)
#ifdef ALONE
      MUST(a_claim_was_refused_although_nothing_changed, false);
#endif
      if :: holder[k] == s && claimedBy[k] == me -> holder[k] = 0; claimedBy[k] = 0 :: else fi;
      look(); goto rest }
  OR_DIES
  fi;

join:
  if
  :: !waits -> goto rest
  :: waits && own[me] > 0 && isFirst && (OVER(1) || OVER(2) || OVER(3) || OVER(4)) -> goto clear
  :: waits && own[me] > 0 && !(isFirst && (OVER(1) || OVER(2) || OVER(3) || OVER(4))) -> goto keep
  :: else
  fi;
#ifndef M_STAMP_LAST
  if
  :: atomic { STEP(stamp) stamped = 1 }
  OR_DIES
  fi;
#endif
#ifdef M_ENTRY_FIRST
  atomic { arrivals++; own[me] = arrivals; entry[own[me]] = s };
#endif
  if
  :: atomic { STEP(put_ticket)
      if
      :: ticketAt[s] == 0 || hasLeft[s] || ENDED_TICKET(s) ->
        if :: own[me] == 0 -> arrivals++; own[me] = arrivals :: else fi;
        ticketAt[s] = own[me]; ticketFence[s] = fen; hasLeft[s] = 0; renewed[s] = 1
      :: else -> own[me] = ticketAt[s]
      fi;
      if
#ifdef M_FORMER_ALWAYS
      :: former == 0 -> goto enter
#else
      :: former == 0 || former == own[me] -> goto enter
#endif
      :: else
      fi }
  OR_DIES
  fi;
  if
  :: atomic { STEP(remove_former_entry) dropEntry(s, former); former = 0 }
  OR_DIES
  fi;
enter:
#ifndef M_ENTRY_FIRST
  if
  :: atomic { STEP(put_entry) entry[own[me]] = s }
  OR_DIES
  fi;
#endif
#ifdef M_STAMP_LAST
  if
  :: atomic { stamped = 1 }
  OR_DIES
  fi;
#endif
#ifdef M_NO_LOOK_AGAIN
  goto tell;
#endif
  if
  :: atomic { STEP(look_again)
      if
      :: ticketAt[s] == own[me] && !hasLeft[s] && !SERVED(s) && status[s] != FORCED ->
        if :: isOver[own[me]] || ENDED_TICKET(s) -> goto keep :: else -> goto tell fi
      :: else
      fi }
  OR_DIES
  fi;
  if
  :: atomic { STEP(withdraw) dropEntry(s, own[me]); goto rest }
  OR_DIES
  fi;
clear:
  /* A dead place, as read: its entry, then its ticket. */
  if
  :: atomic { STEP(clear_dead_entry)
      if
      :: OVER(1) -> former = 1
      :: OVER(2) -> former = 2
      :: OVER(3) -> former = 3
      :: OVER(4) -> former = 4
      :: else -> goto keep
      fi;
      found = entry[former]; entry[former] = 0; renewed[found] = 0 }
  OR_DIES
  fi;
  if
  :: atomic { STEP(clear_dead_ticket)
      if :: ENDED_TICKET(found) && !hasLeft[found] && !renewed[found] -> dropTicket(found, former) :: else fi;
      found = 0; former = 0 }
  OR_DIES
  fi;
keep:
  if
  :: atomic { STEP(renew_entry)
      if
      :: entry[own[me]] == s -> isOver[own[me]] = 0
#ifdef M_UPSERT
      :: else -> entry[own[me]] = s
#else
      :: else -> goto enter
#endif
      fi }
  OR_DIES
  fi;
  if
  :: atomic { STEP(renew_ticket)
      if
      :: ticketAt[s] == own[me] && !hasLeft[s] -> ended[own[me]] = 0; renewed[s] = 1; goto tell
      :: else
      fi }
  OR_DIES
  fi;
  if
  :: atomic { STEP(remove_renewed_entry) dropEntry(s, own[me]); goto rest }
  OR_DIES
  fi;
tell:
  atomic {
    if
#ifndef LIVE
    :: revision[s] == rev && ticketAt[s] == own[me] && !hasLeft[s] && !isOver[own[me]] && !ENDED_TICKET(s) -> told[s] = own[me]
#endif
    :: else
    fi;
    goto rest
  };
dead:
#ifdef LIVE
  skip;
#endif
  /* Its lease ends. */
  atomic {
    if :: holder[k] == s && claimedBy[k] == me -> holder[k] = 0; claimedBy[k] = 0 :: else fi;
    isDead[me] = 1; unfair[me] = 0; own[me] = 0; claimed[me] = 0; toldBefore[me] = 0;
    rev = 0; fen = 0; k = 0; i = 0; n = 0; found = 0; free = 0; seated = 0; before = 0; former = 0; isFirst = 0;
    busy[me] = 0; look() };
over:
  asking[s]--
}

/* The DELETE of session A. */
proctype Leave() {
  byte at;
  leaving = 1;
#ifdef M_LEAVE_ENTRY_FIRST
  atomic { at = ticketAt[1]; dropEntry(1, at) };
  atomic { told[1] = 0; if :: ticketAt[1] > 0 -> hasLeft[1] = 1 :: else fi };
#else
  atomic { STEP(mark_ticket) at = ticketAt[1]; told[1] = 0; if :: at > 0 -> hasLeft[1] = 1 :: else fi; look() };
  atomic { STEP(leave_line) dropEntry(1, at) };
#endif
  leaving = 0
}

inline force() {
  if :: status[1] != FORCED -> status[1] = FORCED; revision[1]++ :: else fi;
  told[1] = 0; look()
}
inline forceTickets() {
  atomic { STEP(force_read_tickets) at = ticketAt[1] };
  if
  :: at > 0 ->
    atomic { STEP(force_record) if :: status[1] == ACTIVE -> at = 0 :: else -> force() fi };
    atomic { STEP(force_place) dropEntry(1, at); dropTicket(1, at) }
  :: else
  fi
}
inline forceSeats() {
  atomic { STEP(force_read_seats)
    i = 0; at = 0;
    do
    :: i < SEATS -> if :: holder[i] == 1 -> at = 1 :: else fi; i++
    :: else -> break
    od };
  if
  :: at > 0 ->
    atomic { STEP(force_seats)
      force(); i = 0;
      do
      :: i < SEATS -> if :: holder[i] == 1 -> holder[i] = 0; claimedBy[i] = 0 :: else fi; i++
      :: else -> break
      od;
      look() }
  :: else
  fi
}
/* A forced end of session A: whatever waits, then whatever holds a seat. */
proctype Force() {
  byte at, i;
  removing = 1;
#ifdef M_FORCE_SEATS_FIRST
  forceSeats(); forceTickets();
#else
  forceTickets(); forceSeats();
#endif
  removing = 0; isRemoved = 1
}

/* A session with a license gives it back, or its lease ends. */
inline endSession(s) {
  STEP(world_end)
  do
  :: i < SEATS -> if :: holder[i] == s && !claimedBy[i] -> holder[i] = 0 :: else fi; i++
  :: else -> break
  od;
  status[s] = ENDED; revision[s]++
}
/* Entries and tickets end by the clock: their session does not ask, or is slow. */
#ifdef LIVE
#define NOBODY_RENEWS(s, at) (asking[s] == 0 || ticketAt[s] != (at))
#else
#define NOBODY_RENEWS(s, at) false
#endif
#define MAY_LAPSE(s, at) (lapses > 0 || NOBODY_RENEWS(s, at))
#define ENTRY_MAY_END(at) (entry[at] > 0 && !isOver[at] && MAY_LAPSE(entry[at], at))
#define TICKET_MAY_END(s) (ticketAt[s] > 0 && !ENDED_TICKET(s) && MAY_LAPSE(s, ticketAt[s]))
inline lapse(s, at) {
  if :: NOBODY_RENEWS(s, at) -> skip :: else -> lapses-- fi;
  if :: told[s] == at -> told[s] = 0 :: else fi
}
inline entryEnds(at) { STEP(world_entry_ends) lapse(entry[at], at); isOver[at] = 1 }
inline ticketEnds(s) { STEP(world_ticket_ends) lapse(s, ticketAt[s]); ended[ticketAt[s]] = 1 }

active proctype World() {
  byte i, at, whose;
  begun;
end_idle:
  do
  :: atomic {
      if
      :: frees > 0 ->
        do
        :: i < SEATS && holder[i] != OTHER -> i++
        :: else -> break
        od;
        STEP(world_free) holder[i] = 0; frees--
      :: taken > 0 && holder[0] == 0 -> STEP(world_take) holder[0] = OTHER; taken--
      :: taken > 0 && holder[SEATS - 1] == 0 -> holder[SEATS - 1] = OTHER; taken--
      :: ends > 0 && status[1] == ACTIVE -> STEP(world_release)
        do
        :: i < SEATS -> if :: holder[i] == 1 && !claimedBy[i] -> holder[i] = 0 :: else fi; i++
        :: else -> break
        od;
        ends--; status[1] = ENDED; revision[1]++
#ifdef LIVE
      :: status[1] == ACTIVE -> endSession(1)
      :: status[2] == ACTIVE -> endSession(2)
      :: status[3] == ACTIVE -> endSession(3)
      :: lapses > 0 -> lapses--
#endif
      :: ENTRY_MAY_END(1) -> at = 1
      :: ENTRY_MAY_END(2) -> at = 2
      :: ENTRY_MAY_END(3) -> at = 3
      :: ENTRY_MAY_END(4) -> at = 4
      :: ENTRY_MAY_END(5) -> at = 5
      :: TICKET_MAY_END(1) -> whose = 1
      :: TICKET_MAY_END(2) -> whose = 2
      :: TICKET_MAY_END(3) -> whose = 3
      fi;
      if
      :: at > 0 -> entryEnds(at)
      :: whose > 0 -> ticketEnds(whose)
      :: else
      fi;
      i = 0; at = 0; whose = 0;
      look() }
  od
}

#define RESTS(s) (!(busy[1] && sid[1] == s) && !(busy[2] && sid[2] == s) && !(busy[3] && sid[3] == s) && !(busy[4] && sid[4] == s))
#define DIED(s) ((isDead[1] && sid[1] == s) || (isDead[2] && sid[2] == s) || (isDead[3] && sid[3] == s) || (isDead[4] && sid[4] == s))
#define HAS_ENTRY(s) (entry[1] == s || entry[2] == s || entry[3] == s || entry[4] == s || entry[5] == s || entry[6] == s)
#define STRAY(s, at) (entry[at] == s && !WAITS(s, at) && !ended[at])
#define STRAYS(s) (STRAY(s, 1) || STRAY(s, 2) || STRAY(s, 3) || STRAY(s, 4) || STRAY(s, 5) || STRAY(s, 6))
#define UNDERWAY(s) (s == 1 && (leaving || removing))
#define LOST(s) (RESTS(s) && told[s] > 0 && entry[told[s]] != s)
#define AT_SEAT(s) ((holder[0] == s && !claimedBy[0]) + (SEATS > 1 && holder[SEATS - 1] == s && !claimedBy[SEATS - 1]))

#ifdef LIVE
/* Each session that asks is served, if none of its requests dies. */
ltl everyone_is_served { <> (begun && asking[1] + asking[2] + asking[3] == 0) }
#else
active proctype Watch() {
end_well:
  do
  :: atomic { LOST(1) || LOST(2) || LOST(3) -> MUST(a_told_place_is_not_in_the_line, false) }
  :: atomic { !stamped && ((RESTS(1) && HAS_ENTRY(1)) || (RESTS(2) && HAS_ENTRY(2)) || (RESTS(3) && HAS_ENTRY(3))) ->
      MUST(an_entry_that_no_request_looks_for, false) }
  :: atomic { (RESTS(1) && !DIED(1) && !UNDERWAY(1) && STRAYS(1)) || (RESTS(2) && !DIED(2) && STRAYS(2)) ||
      (RESTS(3) && !DIED(3) && STRAYS(3)) -> MUST(an_entry_of_a_session_that_does_not_wait, false) }
  :: atomic { isRemoved && (status[1] != FORCED || AT_SEAT(1) > 0) -> MUST(a_session_was_removed_and_goes_on, false) }
#if SEATS > 1
  :: atomic { AT_SEAT(1) > 1 || AT_SEAT(2) > 1 || AT_SEAT(3) > 1 -> MUST(one_session_got_two_seats, false) }
#endif
  od
}
#endif

init {
  byte i;
  atomic {
    i = 1;
    do
    :: i <= WAITING -> ticketAt[i] = i; entry[i] = i; told[i] = i; arrivals = i; stamped = 1; i++
    :: else -> break
    od;
    i = FREE_SEATS;
    do
    :: i < SEATS -> holder[i] = OTHER; i++
    :: else -> break
    od;
#ifdef LEFTOVER
    /* Session A was served, and ended: it left its place. */
    told[1] = 0; fence[1] = 1; status[1] = ENDED; revision[1] = 1;
#endif
    sid[2] = 1; sid[3] = 2; sid[4] = 3;
    if :: A_POLLS > 0 -> asking[1]++; run Request(1, 1, A_POLLS, 1) :: else fi;
    if :: A_AGAIN > 0 -> asking[1]++; run Request(1, 2, A_AGAIN, 1) :: else fi;
    if :: B_POLLS > 0 -> asking[2]++; run Request(2, 3, B_POLLS, 1) :: else fi;
    if :: C_POLLS > 0 -> asking[3]++; run Request(3, 4, C_POLLS, C_WAITS) :: else fi;
#ifdef LEAVES
    run Leave();
#endif
#ifdef REMOVED
    run Force();
#endif
    i = 0; begun = 1
  }
}
