/*
 * A pool in blocks. The subscription has the terms, and is the terms of the first block; each other block has a copy. Changes of
 * the terms, requests, leases that end, late heartbeats, pushes that arrive once more. Each process may stop for ever.
 */
#include "store.pml"

#ifndef BLOCKS
#define BLOCKS 2 /* the last block has all seats that remain */
#endif
#ifndef QUOTA
#define QUOTA 2
#endif
#ifndef HELD_SEAT
#define HELD_SEAT 1 /* held at the beginning; SEATS: none */
#endif
#ifndef REQUESTS
#define REQUESTS 1
#endif
#ifndef ROUNDS
#define ROUNDS 1 /* how often a request begins again */
#endif
/* Changes of the terms, 0 to 2 at once: each to a quota, active or suspended. */
#ifndef CHANGES
#define CHANGES 1
#endif
#ifndef QUOTA_1
#define QUOTA_1 1
#endif
#ifndef ACTIVE_1
#define ACTIVE_1 1
#endif
#ifndef QUOTA_2
#define QUOTA_2 1
#endif
#ifndef ACTIVE_2
#define ACTIVE_2 1
#endif
#ifndef NO_COPIES
#define NO_COPIES 0 /* the copies are absent at the beginning */
#endif
#ifndef LAPSES
#define LAPSES 0
#endif
#ifndef HEARTBEATS
#define HEARTBEATS 0
#endif
#ifndef RELEASES
#define RELEASES 0
#endif
#ifndef LATE
#define LATE 0 /* pushes that arrive once more, later */
#endif
#define VERSIONS 12
#define EARLIER 1 /* the session of the seat that is held at the beginning */
#define ALONE 4 /* the request that comes when all others stand still */

RULE(more_sessions_than_the_quota_when_one_was_verified);
RULE(a_claim_was_verified_after_the_suspension_was_answered);
RULE(a_heartbeat_extends_after_the_suspension_was_answered);
RULE(refused_alone_although_the_quota_is_not_held);

#if BLOCKS == 3
#define BLOCK(k) (k)
#else
#define BLOCK(k) ((k) > 0 -> 1 : 0)
#endif
#define BLOCKS_OF(q) ((q) == 0 -> 1 : (BLOCK((q) - 1)) + 1)

/* The subscription: item 0. The copies: from 1 on; version 0: absent. */
byte quota[3], claimable[3], version[3];
bit isOn[3];
byte blocks, pushed;
byte holder[SEATS], fence[SEATS];
bit alive[SEATS]; /* by the clock */
bit isTold[SEATS]; /* the claim is on record */
byte lapses = LAPSES, heartbeats = HEARTBEATS, releases = RELEASES;
bit frozen; /* all stand still but the request alone */
#define TURN (!frozen || me == ALONE)

/* The terms that may count: those since the last answered change. */
byte quotaAt[VERSIONS];
bit activeAt[VERSIONS];
byte answered = 1, largest = QUOTA;
bit mayBeActive = 1;
/* The largest quota since a claim was verified: by request, then by seat. */
#define UNBOUND 99
byte bound[ALONE + 1], boundAt[SEATS];
bit wasActive[ALONE + 1];

inline weigh() {
  largest = 0; mayBeActive = 0; w = answered;
  do
  :: w <= version[0] ->
    if :: quotaAt[w] > largest -> largest = quotaAt[w] :: else fi;
    mayBeActive = mayBeActive | activeAt[w];
    w++
  :: else -> break
  od;
  w = 0
}
inline changed() {
  quotaAt[version[0]] = quota[0]; activeAt[version[0]] = isOn[0];
  w = 0;
  do
  :: w < SEATS -> if :: boundAt[w] < quota[0] -> boundAt[w] = quota[0] :: else fi; w++
  :: else -> break
  od;
  if :: bound[2] > 0 && bound[2] < quota[0] -> bound[2] = quota[0] :: else fi;
  if :: bound[3] > 0 && bound[3] < quota[0] -> bound[3] = quota[0] :: else fi;
  if :: bound[4] > 0 && bound[4] < quota[0] -> bound[4] = quota[0] :: else fi;
  weigh()
}
inline answer(v) {
  if :: answered < v -> answered = v :: else fi;
  weigh()
}

/* A copy is put if it is absent, or older. */
inline put(b, q, c, a, v) {
  if
#ifdef M_ANY_COPY
  :: true ->
#elif defined(M_STAYS_ABSENT)
  :: version[b] > 0 && version[b] < v ->
#else
  :: version[b] < v ->
#endif
    quota[b] = q; claimable[b] = c; isOn[b] = a; version[b] = v
  :: else
  fi
}

/* A push that arrives once more. */
byte late = LATE, lateBlock, lateQuota, lateClaimable, lateVersion;
bit lateActive;

/* Brings the copies to the terms that were read (r…), then notes that. */
#ifdef M_NEW_BLOCKS
#define REACH (BLOCKS_OF(rQuota))
#else
#define REACH rBlocks
#endif
inline push() {
  b = 1;
  do
  :: atomic { b < REACH && TURN -> STEP(push_copy)
      put(b, rQuota, rClaimable, rActive, rVersion);
      if
      :: late > 0 && lateVersion == 0 ->
        late--; lateBlock = b; lateQuota = rQuota; lateClaimable = rClaimable; lateActive = rActive; lateVersion = rVersion
      :: true
      fi;
      b++ }
  :: atomic { b >= REACH && TURN -> STEP(note_pushed)
      if :: pushed < rVersion -> pushed = rVersion :: else fi;
      b = 0;
      break }
  od
}
inline readSubscription() {
  rQuota = quota[0]; rClaimable = claimable[0]; rActive = isOn[0]; rVersion = version[0]; rBlocks = blocks
}
#define BEHIND (pushed < version[0] && blocks > 1)

/* Takes any free number of those that were read, by the terms that were read. */
inline choose(isRead) {
  i = 0;
  do
  :: i < SEATS -> if :: (isRead) && !alive[i] && i < rClaimable && rActive -> free = free | (1 << i) :: else fi; i++
  :: else -> break
  od;
  i = 0;
  if
  :: free & 1 -> k = 0
  :: free & 2 -> k = 1
  :: free & 4 -> k = 2
  :: free == 0
  fi
}

proctype Request(byte me) {
  byte rounds, b, k, f, i, w, live, free, block;
  byte rQuota, rClaimable, rVersion, rBlocks;
  bit rActive, isBehind, mayBeOld;
again:
  atomic {
    b = 0; k = 0; f = 0; i = 0; live = 0; free = 0; block = 0; isBehind = 0; mayBeOld = 0;
    rQuota = 0; rClaimable = 0; rVersion = 0; rBlocks = 0; rActive = 0; bound[me] = 0; wasActive[me] = 0;
    if
    :: rounds > (me == ALONE -> 8 : ROUNDS) ->
      MUST(refused_alone_although_the_quota_is_not_held, me != ALONE); goto over
    :: else -> rounds++
    fi
  };
  atomic { TURN -> STEP(read)
    if
    :: block = 0
    :: blocks > 1 -> block = 1
    :: blocks > 2 -> block = 2
    fi;
    readSubscription();
    mayBeOld = block > 0 || BEHIND;
    rQuota = quota[block]; rClaimable = claimable[block]; rActive = isOn[block]; rVersion = version[block];
    choose(BLOCK(i) == block);
    if
    :: free > 0 -> free = 0
    :: free == 0 && mayBeOld && (rActive || block > 0) -> goto current
    :: free == 0 && !(mayBeOld && (rActive || block > 0)) -> goto elsewhere
    fi };
claiming:
  atomic { TURN -> STEP(claim)
    if
    :: alive[k] -> goto again
    :: else -> holder[k] = me; alive[k] = 1; isTold[k] = 0; fence[k]++; f = fence[k]
    fi };
  atomic { TURN -> STEP(verify)
    b = BLOCK(k);
    if
#ifdef M_NO_VERIFY
    :: true ->
#else
    :: version[b] > 0 && isOn[b] && k < claimable[b] ->
#endif
      bound[me] = largest; wasActive[me] = mayBeActive; b = 0; goto record
    :: else -> b = 0
    fi };
  atomic { TURN -> STEP(give_back)
    if
    :: holder[k] == me && fence[k] == f -> holder[k] = 0; alive[k] = 0; isTold[k] = 0
    :: else
    fi;
    block = BLOCK(k);
#ifdef M_STAYS_OLD
    goto again
#else
    if :: block == 0 -> goto again :: else fi
#endif
  };
  atomic { TURN -> STEP(read_current_after)
    readSubscription(); isBehind = BEHIND;
    if
    :: isBehind
    :: !isBehind && version[block] == 0 && rBlocks > block -> goto make
    :: else -> goto again
    fi };
  push();
  goto again;

current:
#ifdef M_COPIES_REFUSE
  goto elsewhere;
#endif
  atomic { TURN -> STEP(read_current)
    i = version[0];
    f = rVersion;
    readSubscription(); isBehind = BEHIND;
#ifdef M_NO_PUSH
    isBehind = 0;
#endif
    if
    :: isBehind
    :: !isBehind && version[block] == 0 && rBlocks > block && f == 0 -> goto make
    :: else -> goto compare
    fi };
  push();
compare:
  atomic {
    i = 0;
    if
    :: f != rVersion -> goto again
    :: else -> f = 0; isBehind = 0
    fi };
elsewhere:
  atomic { TURN -> STEP(read_elsewhere)
    choose(true);
    if :: free > 0 -> free = 0; goto claiming :: else fi };
  atomic {
    isBehind = 0; i = 0; free = 0;
    if
    :: !rActive || rClaimable >= rQuota ->
      STEP(refuse) MUST(refused_alone_although_the_quota_is_not_held, me != ALONE); goto over
    :: else -> i = SEATS
    fi };
  do
  :: atomic { i > rClaimable && TURN -> STEP(list)
      i--;
      if
      :: alive[i] -> live = live | (1 << i)
      :: !alive[i] && holder[i] > 0 -> holder[i] = 0; isTold[i] = 0; fence[i]++
      :: else
      fi }
  :: atomic { i <= rClaimable && TURN ->
      /* The highest number up to which `claimable` and the held seats above it stay within the quota. */
      i = rQuota;
      do
      :: i > rClaimable ->
        free = ((live >> i) & 1) + ((live >> (i + 1)) & 1) + ((live >> (i + 2)) & 1);
        if :: i + free <= rQuota -> break :: else -> i-- fi
      :: else -> break
      od;
      free = 0; live = 0;
      break }
  od;
  atomic { TURN ->
    if
    :: i <= rClaimable -> STEP(full) MUST(refused_alone_although_the_quota_is_not_held, me != ALONE); goto over
    :: else
    fi;
    STEP(raise)
    if
    :: version[0] == rVersion -> claimable[0] = i; version[0]++; changed(); readSubscription()
    :: else -> goto again
    fi };
  if
  :: rBlocks > 1 -> push()
  :: else
  fi;
  goto again;
make:
  atomic { TURN -> STEP(make_copy) put(block, rQuota, rClaimable, rActive, rVersion); goto again };
record:
  atomic { TURN -> STEP(record)
    MUST(a_claim_was_verified_after_the_suspension_was_answered, wasActive[me]);
    if
    :: holder[k] == me && fence[k] == f -> isTold[k] = 1; boundAt[k] = bound[me]
    :: else
    fi };
over:
  atomic {
    b = 0; k = 0; f = 0; i = 0; live = 0; free = 0; block = 0; isBehind = 0; mayBeOld = 0; rounds = 0;
    rQuota = 0; rClaimable = 0; rVersion = 0; rBlocks = 0; rActive = 0; bound[me] = 0; wasActive[me] = 0 }
}

/* A change of the terms. */
proctype Change(byte q; bit a) {
  byte b, w, me;
  byte rQuota, rClaimable, rVersion, rBlocks;
  bit rActive;
  atomic { TURN -> STEP(set)
#ifdef M_SAME_VERSION
    if
    :: quota[0] == q && isOn[0] == a -> answer(version[0]); goto over
    :: else
    fi;
#endif
    claimable[0] = (q < quota[0] -> 0 : (quota[0] > 0 && claimable[0] == quota[0] -> q : claimable[0]));
    quota[0] = q; isOn[0] = a; version[0]++;
    if
    :: BLOCKS_OF(q) > blocks && blocks == 1 -> pushed = version[0]; blocks = BLOCKS_OF(q)
    :: BLOCKS_OF(q) > blocks && blocks > 1 -> blocks = BLOCKS_OF(q)
    :: else
    fi;
    readSubscription();
#ifdef M_NOTE_FIRST
    pushed = version[0];
#endif
    changed();
#ifdef M_ANSWER_FIRST
    answer(rVersion);
#endif
#ifdef M_NOTE_FIRST
    if :: rBlocks == 1 -> goto told :: else fi
#else
    if :: pushed >= rVersion || rBlocks == 1 -> goto told :: else fi
#endif
  };
  push();
told:
  atomic { TURN -> STEP(answer) answer(rVersion) };
over:
  atomic { rQuota = 0; rClaimable = 0; rVersion = 0; rBlocks = 0; rActive = 0; b = 0; w = 0 }
}

active proctype World() {
  byte k;
end_idle:
  do
  :: atomic { !frozen && lateVersion > 0 -> STEP(world_late_push)
      put(lateBlock, lateQuota, lateClaimable, lateActive, lateVersion);
      lateBlock = 0; lateQuota = 0; lateClaimable = 0; lateActive = 0; lateVersion = 0 }
  :: atomic { !frozen && lapses + heartbeats + releases > 0 ->
      if
      :: k = 0
      :: SEATS > 1 -> k = 1
      :: SEATS > 2 -> k = 2
      fi;
      if
      :: lapses > 0 && alive[k] -> STEP(world_lapse) alive[k] = 0; lapses--
      :: heartbeats > 0 && isTold[k] && !alive[k] -> STEP(world_heartbeat) alive[k] = 1; heartbeats--
      :: releases > 0 && isTold[k] -> STEP(world_release) holder[k] = 0; alive[k] = 0; isTold[k] = 0; releases--
      :: else
      fi;
      k = 0 }
  od
}

/* From any state on all others stand still, and one more request comes: it is served if the quota is not held. */
#if SEATS == 2
#define ALIVE (alive[0] + alive[1])
#define ALL (IS_LIVE(0) + IS_LIVE(1))
#else
#define ALIVE (alive[0] + alive[1] + alive[2])
#define ALL (IS_LIVE(0) + IS_LIVE(1) + IS_LIVE(2))
#endif
active proctype Freeze() {
end_idle:
  atomic { version[0] > 0 && isOn[0] && ALIVE < quota[0] -> STEP(world_freeze) frozen = 1; run Request(ALONE) }
}

#define IS_LIVE(k) (isTold[k] && alive[k])
#define TERMS(b) (version[b] > 0 -> b : 0)
#define EXTENDS(k) (IS_LIVE(k) && isOn[TERMS(BLOCK(k))])
active proctype Watch() {
end_well:
  do
  :: atomic { (IS_LIVE(0) && ALL > boundAt[0]) || (IS_LIVE(1) && ALL > boundAt[1]) || (IS_LIVE(SEATS - 1) && ALL > boundAt[SEATS - 1]) ->
      MUST(more_sessions_than_the_quota_when_one_was_verified, false) }
  :: atomic { version[0] > 0 && !mayBeActive && (EXTENDS(0) || EXTENDS(1) || EXTENDS(SEATS - 1)) ->
      MUST(a_heartbeat_extends_after_the_suspension_was_answered, false) }
  od
}

init {
  byte i;
  atomic {
    quota[0] = QUOTA; claimable[0] = QUOTA; isOn[0] = 1; version[0] = 1; pushed = 1; blocks = BLOCKS_OF(QUOTA);
    quotaAt[1] = QUOTA; activeAt[1] = 1;
    i = 1;
    do
    :: i < blocks && !NO_COPIES -> quota[i] = QUOTA; claimable[i] = QUOTA; isOn[i] = 1; version[i] = 1; i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < SEATS ->
      fence[i] = 1; boundAt[i] = UNBOUND;
      if :: i == HELD_SEAT -> holder[i] = EARLIER; alive[i] = 1; isTold[i] = 1 :: else fi;
      i++
    :: else -> break
    od;
    i = 2;
    do
    :: i < REQUESTS + 2 -> run Request(i); i++
    :: else -> break
    od;
    if :: CHANGES > 0 -> run Change(QUOTA_1, ACTIVE_1) :: else fi;
    if :: CHANGES > 1 -> run Change(QUOTA_2, ACTIVE_2) :: else fi;
    i = 0
  }
}
