/* What the models share: items with conditional writes, clocks, and how a rule is named. */

#ifndef SEATS
#define SEATS 2
#endif
#ifndef SESSIONS
#define SESSIONS 3
#endif
/* How many processes may die, at any step. Between two steps any process may also pause for ever. */
#ifndef CRASHES
#define CRASHES 0
#endif

byte crashes = CRASHES;

/* One more choice at a step: the process dies instead. */
#define OR_DIES :: atomic { crashes > 0 -> crashes--; goto dead }

/* Names a step of the code: steps.ts has its line. */
#define STEP(name)

/* A rule has a name, so that a failure names it: pan prints the text of the assertion. */
#define RULE(name) hidden byte name
#define MUST(name, condition) assert((condition) || name)

/* A numbered item: a seat, or a slot. `holder` 0: free. The fence grows with each claim, and with each close. */
typedef Seat {
  byte holder;
  byte fence;
  byte until; /* availableAt */
  byte by     /* claimId */
};

#define STANDS(seat, h, f) (seat.holder == (h) && seat.fence == (f))
#define HELD(seat, clock) (seat.holder != 0 && seat.until > (clock))
#define LAPSED(seat, clock) (seat.holder != 0 && seat.until <= (clock))
