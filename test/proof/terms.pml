/*
 * Heartbeats of one session find a suspension, which is over soon. Heartbeat A is slow: it extends the lease and reads the terms in
 * parallel, in either order. Others run beside it.
 */
#include "store.pml"

RULE(a_lease_extended_after_the_resumption_ended);
RULE(an_end_before_the_last_heartbeat);

bit resumed, closed, over;
byte renewed; /* when a heartbeat last extended the lease */
bit since; /* a heartbeat extended it after the resumption */
byte endedAt;

#define EXTEND(at) if :: !closed && renewed < at -> renewed = at :: else fi

proctype Slow() {
  byte seen, terms;
  bit extended, read;
  do
  :: atomic { !extended -> STEP(extend) EXTEND(1); extended = 1; seen = renewed }
  :: atomic { !read -> STEP(read_terms) terms = resumed; read = 1 }
  :: extended && read -> break
  od;
  if
  :: terms -> goto fine
  :: else
  fi;
again:
#ifndef M_OLD_TERMS
  atomic { STEP(read_terms_again) if :: resumed -> goto fine :: else fi };
#endif
#ifdef M_RECORD_FIRST
  atomic { over = 1 };
  atomic { if :: endedAt == 0 -> endedAt = 1 :: else fi; MUST(an_end_before_the_last_heartbeat, endedAt >= renewed); closed = 1 };
#else
  atomic { STEP(close_seat)
    if
    :: closed
    :: !closed && renewed == seen -> closed = 1; endedAt = (seen > 1 -> seen : 1); MUST(an_end_before_the_last_heartbeat, endedAt >= renewed)
    :: else -> seen = renewed; goto again
    fi };
  atomic { STEP(close_record) over = 1 };
#endif
fine:
  skip
}

proctype Other(byte at) {
  atomic { STEP(extend_beside) if :: !closed && renewed < at -> renewed = at; since = since || resumed :: else fi }
}

active proctype Vendor() {
  atomic { STEP(resume) resumed = 1 }
}

active proctype Watch() {
end_well:
  atomic { since && (closed || over) -> MUST(a_lease_extended_after_the_resumption_ended, false) }
}

init {
  atomic { run Slow(); run Other(2); run Other(3) }
}
