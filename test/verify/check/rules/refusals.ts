import { isOpen, leftoverEnd, Steps } from '../effects.ts';
import { unrecordedMs, type View } from '../holds.ts';
import type { Call } from '../log.ts';
import { mayBeOver } from '../terms.ts';
import { clock, type Finding } from './finding.ts';

const forever = Number.POSITIVE_INFINITY;
/** How long the claim of a slot may stay without a record, ms. */
const unrecordedSlotMs = 20_000;
/** How long a queue may keep a place for a runner that is silent, ms. */
const placeKeptMs = 210_000 + 30_000;

/** Adds the least quota that may be in force, as a negative step. */
const subtractQuota = (
  view: View,
  steps: Steps,
  quotaOf: (terms: { quota: number; machineQuota: number }) => number,
) => {
  const times = [...new Set(view.terms.changes())].sort((a, b) => a - b);
  for (const [index, at] of times.entries()) {
    const terms = view.terms.over(at, at);
    if (terms.length > 0) steps.add(at, times[index + 1] ?? forever, -Math.min(...terms.map(quotaOf)));
  }
};

/** Returns by how much the seats that may be held exceed the least quota, by time: below 0, a seat was certainly free. */
const seatsMissing = (view: View): Steps => {
  const steps = new Steps();
  const perUser = view.history.settings.products[view.product]?.licenseType === 'per-user';
  const longestMs = perUser ? unrecordedMs : view.leaseMs;
  for (const { earliest, latest } of [...(perUser ? view.users : view.claims), ...view.offline])
    steps.add(earliest, latest);
  // An update that was late may have claimed a seat again.
  for (const { from, quiet, late } of view.history.storms) steps.add(from, quiet + longestMs, late);
  const bySession = Map.groupBy(view.calls, ({ session }) => session);
  const lastCall = new Map<string, Call>();
  for (const call of view.calls) {
    // While it runs, a request may claim a seat and give it back.
    if (call.op === 'activate' && !perUser)
      steps.add(call.begin, leftoverEnd(call, view.history, view.leaseMs, bySession.get(call.session)));
    if (call.op === 'issue' || call.op === 'grant')
      steps.add(call.begin, leftoverEnd(call, view.history, unrecordedMs));
    if (call.op === 'transfer-license') steps.add(call.begin, view.effectsEnd(call));
    if (call.op === 'activate' && call.waits && call.session) lastCall.set(call.session, call);
  }
  // A place in the queue keeps a seat. It ends with the answer that ends the wait, or some time after the last poll.
  const firstWait = new Map<string, number>();
  for (const { op, waits, session, begin } of view.calls)
    if (op === 'activate' && waits && session && !firstWait.has(session)) firstWait.set(session, begin);
  for (const [session, begin] of firstWait) {
    const call = lastCall.get(session) as Call;
    const isOver = !isOpen(call) && call.status !== 202;
    steps.add(begin, isOver ? (call.end as number) : view.effectsEnd(call) + placeKeptMs);
  }
  subtractQuota(view, steps, ({ quota }) => quota);
  return steps;
};

/** Returns by how much the machines that may be in use exceed the machine quota, by time. */
const machinesMissing = (view: View): Steps => {
  const byMachine = new Map<string, Steps>();
  const use = (machine: string | undefined, from: number, to: number) => {
    if (machine === undefined) return;
    const steps = byMachine.get(machine) ?? new Steps();
    steps.add(from, to);
    byMachine.set(machine, steps);
  };
  for (const { machine, earliest, latest } of [...view.claims, ...view.offline]) use(machine, earliest, latest);
  for (const call of view.calls) {
    const isForMachine = call.op === 'activate' || call.op === 'transfer' || call.op === 'issue';
    const uses = isForMachine && call.answer?.code !== 'machine-quota-exceeded';
    const spare = Math.max(view.leaseMs, call.op === 'issue' ? unrecordedMs : unrecordedSlotMs);
    if (uses) use(call.machine, call.begin, leftoverEnd(call, view.history, spare));
  }
  const steps = new Steps();
  for (const { from, quiet, late } of view.history.storms) steps.add(from, quiet + unrecordedSlotMs, late);
  for (const used of byMachine.values()) {
    const times = used.timesIn(-forever, forever);
    for (const [index, at] of times.entries())
      if ((used.over(at, at)[0] as number) > 0) steps.add(at, times[index + 1] ?? forever);
  }
  subtractQuota(view, steps, ({ machineQuota }) => machineQuota);
  return steps;
};

/** A quota refused a request, though fewer than the quota can have held at each instant of the request. */
export const noFalseRefusal = (view: View): Finding[] => {
  const floating = view.history.settings.products[view.product]?.licenseType === 'floating';
  const seats = seatsMissing(view);
  // In a per-user product an unused machine stays registered.
  const machines = floating ? machinesMissing(view) : undefined;
  const bySession = Map.groupBy(view.calls, ({ session }) => session);
  const claims = Map.groupBy(view.claims, ({ session }) => session);
  /** The seats that the refused itself may hold at an instant: they are no reason to refuse it. */
  const ownSeats = (call: Call, at: number): number => {
    if (call.op === 'issue' || call.op === 'grant') return 1;
    if (call.op !== 'activate' || !floating) return 0;
    const calls = bySession.get(call.session) ?? [];
    const requests = calls.filter(
      (one) => one.op === 'activate' && one.begin <= at && leftoverEnd(one, view.history, view.leaseMs, calls) > at,
    );
    const held = (claims.get(call.session as string) ?? []).filter(
      ({ earliest, latest }) => earliest <= at && latest > at,
    );
    return requests.length + held.length;
  };
  return view.calls.flatMap((call) => {
    if (call.status !== 409 || call.end === null) return [];
    const { code } = call.answer ?? {};
    const missing =
      code === 'license-quota-exceeded' ? seats : code === 'machine-quota-exceeded' ? machines : undefined;
    if (!missing) return [];
    const most = Math.max(
      ...missing
        .timesIn(call.begin, call.end)
        .map((at) => (missing.over(at, at)[0] as number) - (missing === seats ? ownSeats(call, at) : 0)),
    );
    if (most >= 0) return [];
    const what = missing === seats ? 'seats' : 'machines';
    return [
      {
        rule: 'no false refusal',
        detail: `${call.op} of ${call.session ?? call.user ?? call.key} for ${view.product} was refused (${code}) at ${clock(call.end)}, though at least ${-most} ${what} were free from ${clock(call.begin)} on`,
        calls: [call],
      },
    ];
  });
};

/** A subscription's status refused a request, though the subscription was certainly active. */
export const noFalseSuspension = (view: View): Finding[] =>
  view.calls.flatMap((call) => {
    const { code, endedReason } = call.answer ?? {};
    if (call.end === null || call.status !== 403) return [];
    if (code !== 'subscription-suspended' && code !== 'subscription-expired') return [];
    const { skewMs } = view.history.settings;
    const may = view.terms.over(call.begin, call.end).some((terms) => mayBeOver(terms, (call.end as number) + skewMs));
    if (may) return [];
    return [
      {
        rule: 'no false refusal',
        detail: `${call.op} for ${view.product} was refused (${code ?? endedReason}) at ${clock(call.end)}, though the subscription was active`,
        calls: [call],
      },
    ];
  });
