/*
 * A user's license is handed to another user: intent, verify, commit on the seat, end of the one's license, completion of the
 * other's. Beside it: another transfer, a grant, removals of both users, the end of a membership, the schedule. With MEMBER the
 * whole removal of member B, repeated, while B may join again.
 */
#include "store.pml"

#ifndef JOINS
#define JOINS 0
#endif

#define A 1
#define B 2
#define C 3
#define USERS 3

RULE(two_can_use_one_seat);
RULE(an_intent_is_left_for_ever);
RULE(a_license_without_its_seat);
RULE(a_license_was_taken_and_nobody_got_it);
RULE(a_seat_is_held_for_ever);
RULE(a_former_member_has_a_license);
RULE(a_license_of_the_new_membership_was_removed);

Seat seats[SEATS + 1]; /* `by`: the intent that moved the seat */
#define NONE 0
#define PENDING 1
#define ACTIVE 2
#define ENDED 3
typedef License {
  byte status;
  byte seat;
  byte fence;
  byte from;
  byte intent;
  bit verified;
  byte revision;
  byte since /* the membership of a grant's claim */
};
License licenses[USERS + 1];
bit left; /* B is no member any more */
byte joined; /* how often B has joined again */
bit wasRemoved, isRemoved; /* the removal is answered */
byte running;
byte dropped; /* the user whose intent was dropped last */

#define NAMES(u, k, f) (licenses[u].seat == (k) && licenses[u].fence == (f))

/* What a process read of a pending license. */
inline readPending(u) {
  who = u;
  k = licenses[u].seat; f = licenses[u].fence; giver = licenses[u].from; intent = licenses[u].intent;
#ifdef M_NO_VERIFIED
  mayMove = 1
#else
  mayMove = licenses[u].verified
#endif
}
inline free(u) {
  if :: STANDS(seats[k], u, f) -> seats[k].holder = 0; seats[k].by = 0 :: else fi
}
inline stop() {
  if
  :: atomic { STEP(end_giver) if :: NAMES(giver, k, f - 1) -> licenses[giver].status = ENDED; licenses[giver].revision++ :: else fi }
  OR_DIES
  fi
}
inline finish(u) {
  if
  :: atomic { STEP(complete)
      if
      :: NAMES(u, k, f) && licenses[u].status == PENDING -> licenses[u].status = ACTIVE; licenses[u].revision++; todo = 0
      :: NAMES(u, k, f) && licenses[u].status == ACTIVE -> todo = 0
      :: else -> todo = 1
      fi }
  OR_DIES
  fi;
  if
  :: atomic { todo == 1 -> STEP(free_incomplete) free(u); todo = 0 }
  :: todo == 0
  OR_DIES
  fi
}
/* Completes or drops the pending license of u. */
inline resolve(u) {
  todo = 0;
  if
  :: atomic { mayMove -> STEP(hand_over)
      if
      :: STANDS(seats[k], giver, f - 1) -> seats[k].holder = u; seats[k].fence = f; seats[k].by = intent; todo = 1
#ifdef M_NO_INTENT_ID
      :: STANDS(seats[k], u, f) -> todo = 1
#else
      :: STANDS(seats[k], u, f) && seats[k].by == intent -> todo = 1
#endif
      :: else
      fi }
  :: !mayMove
  OR_DIES
  fi;
  if
  :: todo == 1 ->
#ifdef M_COMPLETE_FIRST
    finish(u); stop()
#else
    stop(); finish(u)
#endif
  :: todo == 0 ->
    if
    :: atomic { STEP(drop_intent)
        if
        :: licenses[u].status == PENDING && licenses[u].intent == intent && (mayMove || !licenses[u].verified) ->
          licenses[u].status = ENDED; licenses[u].revision++;
#ifndef M_NO_INTENT_ID
          licenses[u].seat = 0; licenses[u].fence = 0
#endif
        :: else
        fi }
    OR_DIES
    fi
  fi
}

proctype Transfer(byte from; byte to; byte me) {
  byte k, f, giver, intent, todo, who, seen;
  bit mayMove;
again:
  atomic { STEP(read)
    if
    :: licenses[to].status == PENDING -> readPending(to); goto settle
    :: licenses[to].status == ACTIVE || licenses[from].status != ACTIVE -> goto over
    :: else -> k = licenses[from].seat; f = licenses[from].fence + 1; giver = from; intent = me; who = to; seen = licenses[to].revision
    fi };
#ifdef M_SEAT_FIRST
  /* Mutant: the seat moves, then the licenses follow. */
  atomic { if :: STANDS(seats[k], from, f - 1) -> seats[k].holder = to; seats[k].fence = f :: else -> goto over fi };
  atomic { if :: NAMES(from, k, f - 1) -> licenses[from].status = ENDED :: else fi };
  atomic {
    if
    :: licenses[to].status == NONE || licenses[to].status == ENDED ->
      licenses[to].status = ACTIVE; licenses[to].seat = k; licenses[to].fence = f; goto over
    :: else
    fi };
  atomic { if :: STANDS(seats[k], to, f) -> seats[k].holder = from :: else fi };
  goto over;
#endif
  if
  :: atomic { STEP(put_intent)
      if
#ifdef M_NO_REVISION
      :: licenses[to].status == NONE || licenses[to].status == ENDED ->
#else
      :: licenses[to].revision == seen ->
#endif
        licenses[to].revision++;
        licenses[to].status = PENDING; licenses[to].seat = k; licenses[to].fence = f; licenses[to].from = from;
        licenses[to].intent = me; licenses[to].verified = 0
      :: else -> goto again
      fi }
  OR_DIES
  fi;
  if
  :: atomic { STEP(read_member) if :: left && to == B -> mayMove = 0; goto settle :: else fi }
  OR_DIES
  fi;
  if
  :: atomic { STEP(verify_intent)
      if
      :: licenses[to].status == PENDING && licenses[to].intent == me -> licenses[to].verified = 1; licenses[to].revision++; mayMove = 1
      :: else -> goto over
      fi }
  OR_DIES
  fi;
settle:
  resolve(who);
over:
dead:
  running--
}

proctype Grant(byte u) {
  byte k, f, giver, intent, todo, who, seen, since;
  bit mayMove;
  atomic {
    if
    :: licenses[u].status == PENDING -> readPending(u); goto settle
    :: licenses[u].status == ACTIVE -> goto over
    :: else -> seen = licenses[u].revision
    fi };
  if
  :: atomic { STEP(grant_claim)
      if
      :: seats[1].holder == 0 -> k = 1
      :: seats[1].holder != 0 && seats[2].holder == 0 -> k = 2
      :: else -> goto over
      fi;
      seats[k].holder = u; seats[k].fence++; seats[k].by = 0; f = seats[k].fence; since = joined }
  fi;
#ifndef M_GRANT_BLIND
  if
  :: atomic { STEP(grant_verify) if :: left && u == B -> goto lost :: else fi }
  OR_DIES
  fi;
#endif
  if
  :: atomic { STEP(grant_record)
      if
      :: licenses[u].revision == seen ->
        licenses[u].revision++;
        licenses[u].status = ACTIVE; licenses[u].seat = k; licenses[u].fence = f; licenses[u].from = 0; licenses[u].intent = 0; licenses[u].since = since;
        goto over
      :: else
      fi }
  OR_DIES
  fi;
lost:
  atomic { STEP(grant_give_back) free(u) };
  goto over;
settle:
  resolve(who);
over:
dead:
  running--
}

proctype Remove(byte u; bit leaves) {
  byte k, f, giver, intent, todo, who, tries;
  bit mayMove;
  if
  :: leaves -> left = 1
  :: !leaves
  fi;
again:
  atomic { STEP(remove_license)
    if
    :: licenses[u].status == PENDING -> readPending(u); goto settle
    :: licenses[u].status == NONE -> goto over
    :: else -> k = licenses[u].seat; f = licenses[u].fence; licenses[u].status = ENDED; licenses[u].revision++
    fi };
  if
  :: atomic { STEP(remove_seat) free(u) }
  OR_DIES
  fi;
  goto over;
settle:
  resolve(who);
  if
  :: leaves && tries < 3 -> tries++; goto again
  :: else
  fi;
over:
dead:
  running--
}

#define UNNAMED(k) (seats[k].holder != 0 && \
  (!NAMES(seats[k].holder, k, seats[k].fence) || licenses[seats[k].holder].status == ENDED))

#ifdef MEMBER
/* The claim of B on seat n, if it has no license, can't get one any more. */
inline void(n) {
  do
  :: claims & n ->
    if
    :: atomic { STEP(read_license_of_claim)
        k = n;
        seen = licenses[B].revision;
        mayStay = NAMES(B, k, fences[n]) }
    OR_DIES
    fi;
    if
    :: !mayStay ->
      if
      :: atomic { STEP(read_member_of_claim) mayStay = !left }
      OR_DIES
      fi
    :: else
    fi;
    if
    :: mayStay -> claims = claims - n
    :: else ->
      if
      :: atomic { STEP(void_grant)
          if
          :: licenses[B].revision == seen ->
            licenses[B].revision++;
            if
            :: licenses[B].status == NONE -> licenses[B].status = ENDED; licenses[B].seat = k; licenses[B].fence = fences[n]
            :: else
            fi;
            mayStay = 1
          :: else
          fi }
      OR_DIES
      fi;
      if
      :: atomic { mayStay -> STEP(close_void)
          if :: STANDS(seats[k], B, fences[n]) -> seats[k].holder = 0; seats[k].by = 0; seats[k].fence++ :: else fi;
          claims = claims - n }
      :: !mayStay
      OR_DIES
      fi
    fi
  :: else -> break
  od
}

/* The removal of member B, its repetition, and the check a minute later. */
proctype RemoveMember(bit isCheck) {
  byte k, f, giver, intent, todo, who, seen, claims;
  byte fences[3];
  bit mayMove, mayStay;
end_idle:
  if
  :: atomic { !isCheck -> STEP(end_membership) left = 1; wasRemoved = 1 }
  :: isCheck && wasRemoved
  fi;
#ifndef M_NO_WALK
  if
  :: atomic { STEP(list_claims)
      claims = (seats[1].holder == B) + 2 * (seats[2].holder == B);
      fences[1] = seats[1].fence; fences[2] = seats[2].fence }
  OR_DIES
  fi;
  void(1);
  void(2);
#endif
again:
#ifdef M_MEMBER_FIRST
  atomic { if :: !left -> goto over :: else fi };
#endif
  atomic { STEP(read_license)
    k = licenses[B].seat; f = licenses[B].fence; todo = licenses[B].status;
    if :: todo == PENDING -> readPending(B) :: else fi };
#ifndef M_MEMBER_FIRST
  if
  :: atomic { STEP(read_member_again) if :: !left -> goto over :: else fi }
  OR_DIES
  fi;
#endif
  if
  :: todo == NONE -> goto over
  :: todo == PENDING -> resolve(who); goto again
  :: else
  fi;
  if
  :: atomic { STEP(end_license)
      if
      :: NAMES(B, k, f) && licenses[B].status == ACTIVE ->
        MUST(a_license_of_the_new_membership_was_removed, left || licenses[B].since < joined);
        licenses[B].status = ENDED; licenses[B].revision++
      :: else
      fi;
      todo = NAMES(B, k, f) }
  OR_DIES
  fi;
  if
  :: atomic { todo == 1 -> STEP(free_license) free(B) }
  :: todo == 0
  OR_DIES
  fi;
over:
  isRemoved = 1;
dead:
  atomic { k = 0; f = 0; giver = 0; intent = 0; todo = 0; who = 0; seen = 0; claims = 0; fences[1] = 0; fences[2] = 0; mayMove = 0;
    mayStay = 0; running-- }
}

proctype Join() {
end_idle:
  atomic { left && joined < JOINS -> STEP(world_join) left = 0; joined++ }
}
#endif

/* The schedule, once the requests are over or dead. */
active proctype Settle() {
  byte k, f, giver, intent, todo, who;
  bit mayMove;
end_idle:
  if
  :: atomic { running == 0 && licenses[B].status == PENDING -> STEP(settle_pending) readPending(B); goto settle }
  :: atomic { running == 0 && licenses[C].status == PENDING -> readPending(C); goto settle }
  :: atomic { running == 0 && UNNAMED(1) -> STEP(close_claim) seats[1].holder = 0; seats[1].fence++ }
  :: atomic { running == 0 && UNNAMED(2) -> seats[2].holder = 0; seats[2].fence++ }
  fi;
  goto end_idle;
settle:
  resolve(who);
  goto end_idle;
dead:
  skip
}
#define SHARE(u, v) (licenses[u].status == ACTIVE && licenses[v].status == ACTIVE && licenses[u].seat == licenses[v].seat)
#define SEATLESS(u) (licenses[u].status == ACTIVE && !STANDS(seats[licenses[u].seat], u, licenses[u].fence))

active proctype Watch() {
end_well:
  do
  :: atomic { SHARE(A, B) || SHARE(A, C) || SHARE(B, C) -> MUST(two_can_use_one_seat, false) }
  :: atomic { timeout && (licenses[A].status == PENDING || licenses[B].status == PENDING || licenses[C].status == PENDING) ->
      MUST(an_intent_is_left_for_ever, false) }
  :: atomic { timeout && (SEATLESS(A) || SEATLESS(B) || SEATLESS(C)) -> MUST(a_license_without_its_seat, false) }
  :: atomic { timeout && (UNNAMED(1) || UNNAMED(2)) -> MUST(a_seat_is_held_for_ever, false) }
#ifdef TWO_ALONE
  :: atomic { timeout && licenses[A].status == ENDED && !(licenses[B].status == ACTIVE && licenses[B].seat == 1) ->
      MUST(a_license_was_taken_and_nobody_got_it, false) }
#endif
#ifdef MEMBER
  :: atomic { isRemoved && left && licenses[B].status == ACTIVE -> MUST(a_former_member_has_a_license, false) }
#endif
#ifdef LEAVING
  :: atomic { timeout && left && licenses[A].status == ENDED && licenses[B].status == ENDED && licenses[B].seat == 0 ->
      MUST(a_license_was_taken_and_nobody_got_it, false) }
#endif
  od
}

init {
  atomic {
    seats[1].holder = A; seats[1].fence = 1;
    licenses[A].status = ACTIVE; licenses[A].seat = 1; licenses[A].fence = 1;
#ifdef GRANTS
    running++; run Grant(B);
#else
    running++; run Transfer(A, B, 1);
#endif
#ifdef TWO_ALONE
    running++; run Grant(B)
#elif defined(MEMBER)
    running++; run Grant(B);
    running++; run RemoveMember(0);
    running++; run RemoveMember(1);
    run Join()
#elif defined(LEAVING)
    running++; run Transfer(A, B, 2);
    running++; run Remove(B, 1);
    running++; run Grant(C)
#else
    running++; run Transfer(A, C, 2);
    running++; run Grant(B);
    running++; run Remove(A, 0);
    running++; run Remove(B, 0)
#endif
  }
}
