import { isOpen, isRefused, Steps } from '../effects.ts';
import type { View } from '../holds.ts';
import type { Call } from '../log.ts';
import { clock, type Finding } from './finding.ts';
import { certainCount } from './holders.ts';

/** For how long after a poll a place certainly counts, ms: a runner that is silent for 12 s may lose it. */
const placeCertainMs = 10_000;

/** A session that waits, or got its license by waiting. From `from` to `until` it is certainly before all that came later. */
interface Waiter {
  session: string;
  from: number;
  until: number;
  call: Call;
}

/** Returns the time from which on a session may have lost its place, or got a license that may be over. */
const waiterOf = (view: View, session: string, polls: readonly Call[]): Waiter | undefined => {
  const first = polls.find(({ status }) => status === 202);
  if (!first || first.end === null) return undefined;
  const [claim] = view.claims.filter((one) => one.session === session).sort((a, b) => a.from - b.from);
  let until = first.begin + placeCertainMs;
  for (const poll of polls) {
    if (poll.begin < first.begin || poll === first) continue;
    // The place was silent for too long before this poll.
    if (poll.begin > until) break;
    if (poll.status === 202) until = Math.max(until, poll.begin + placeCertainMs);
    else if (isOpen(poll)) until = Math.min(until, poll.begin + view.leaseMs - view.history.settings.skewMs);
    else if (isRefused(poll)) until = Math.min(until, poll.begin);
    if (isOpen(poll)) break;
  }
  const waitsUntil = first.answer?.waitsUntil ? Date.parse(first.answer.waitsUntil) : Number.POSITIVE_INFINITY;
  const user = first.user;
  const enders = view.calls.filter(
    (call) =>
      !isRefused(call) &&
      (((call.op === 'release' || call.op === 'force') && call.session === session) ||
        ((call.op === 'remove-machine' || call.op === 'remove-machine-license') && call.machine === first.machine) ||
        (call.op === 'remove-member' && call.user === user)) &&
      view.effectsEnd(call) > first.begin,
  );
  const over = view.terms.writes
    .filter(({ terms, until: last }) => terms.status === 'suspended' && last > first.begin)
    .map(({ call }) => call.begin);
  until = Math.min(until, waitsUntil, ...enders.map(({ begin }) => begin), ...over);
  // From its first answer on the claim counts as a holder.
  if (claim) until = Math.min(until, claim.from);
  return { session, from: first.end, until, call: first };
};

/**
 * First come, first served: a session gets a license only if more are free than live sessions wait before it. A session in
 * transit, from its place to its license, counts once.
 */
export const firstComeFirstServed = (view: View): Finding[] => {
  const bySession = new Map<string, Call[]>();
  for (const call of view.calls)
    if (call.op === 'activate' && call.session)
      bySession.set(call.session, [...(bySession.get(call.session) ?? []), call]);
  const waiters = [...bySession].flatMap(([session, calls]) => {
    const waiter = calls.some(({ waits }) => waits) ? waiterOf(view, session, calls) : undefined;
    return waiter && waiter.from < waiter.until ? [waiter] : [];
  });
  if (waiters.length === 0) return [];
  const certain = certainCount(view);
  return view.claims.flatMap((claim) => {
    const { session, from, until, earliest, seat } = claim;
    const calls = bySession.get(session) ?? [];
    const first = calls[0]?.begin ?? 0;
    // Only a session's first claim tells when the session came.
    if (view.claims.some((other) => other !== claim && other.session === session)) return [];
    const ahead = waiters.filter(
      (one) => one.session !== session && one.from < first && one.until > earliest && one.from < from,
    );
    if (ahead.length === 0) return [];
    const waiting = new Steps();
    for (const one of ahead) waiting.add(one.from, one.until);
    const times = [
      ...new Set([
        ...certain.timesIn(earliest, from),
        ...waiting.timesIn(earliest, from),
        ...view.terms.changes().filter((at) => at > earliest && at <= from),
      ]),
    ];
    const left = times.map((at) => {
      const quota = Math.max(0, ...view.terms.over(at, at).map((terms) => terms.quota));
      const others = (certain.over(at, at)[0] as number) - (from <= at && at < until ? 1 : 0);
      return quota - others - (waiting.over(at, at)[0] as number);
    });
    if (Math.max(...left) > 0) return [];
    return [
      {
        rule: 'first come, first served',
        detail: `${session} came at ${clock(first)} and got seat ${seat} of ${view.product} by ${clock(from)}, before ${ahead.map((one) => `${one.session} (waiting since ${clock(one.from)})`).join(', ')}`,
        calls: [...ahead.map(({ call }) => call), ...claim.proofs.slice(0, 1).map(({ call }) => call)],
      },
    ];
  });
};
