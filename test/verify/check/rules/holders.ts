import { Steps } from '../effects.ts';
import { type Claim, certainEnds, type LongHold, type View } from '../holds.ts';
import { mayBeActive } from '../terms.ts';
import { clock, type Finding } from './finding.ts';

/** A certain hold: it lasts from `from` to `until`, and was verified between `verifiedFrom` and `from`. */
type Certain = (Claim | LongHold) & { from: number; until: number; verifiedFrom: number };

const callsOf = (hold: Certain) => ('proofs' in hold ? hold.proofs.map(({ call }) => call) : hold.calls);
const nameOf = (hold: Certain) =>
  'proofs' in hold ? `${hold.session} (seat ${hold.seat}, fence ${hold.fence})` : hold.name;
const isCertain = ({ from, until }: Certain): boolean => from < until;

/** Returns the certain holders of the quota: sessions, or licensed users, and offline licenses. */
const certainHolders = (view: View): Certain[] => {
  const perUser = view.history.settings.products[view.product]?.licenseType === 'per-user';
  return [...(perUser ? view.users : view.claims), ...view.offline].filter(isCertain);
};

/** Calls back at the beginning of each hold, with the holds at that instant. */
const atEachBeginning = (holds: readonly Certain[], visit: (current: readonly Certain[], at: number) => void): void => {
  let current: Certain[] = [];
  for (const hold of [...holds].sort((a, b) => a.from - b.from)) {
    current = [...current.filter(({ until }) => until > hold.from), hold];
    visit(current, hold.from);
  }
};

/**
 * The holders at an instant are at most the quota. Each was verified once, and has held its seat since: so at the last of these
 * verifications all of them held, and the quota that was in force then bounds them.
 */
export const quotaHolds = (view: View): Finding[] => {
  const findings: Finding[] = [];
  atEachBeginning(certainHolders(view), (current, at) => {
    const verifiedFrom = Math.max(...current.map((hold) => hold.verifiedFrom));
    const verifiedTo = Math.max(...current.map(({ from }) => from));
    const quota = Math.max(0, ...view.terms.over(verifiedFrom, verifiedTo).map((terms) => terms.quota));
    if (current.length > quota)
      findings.push({
        rule: 'quota',
        detail: `${current.length} certain holders of ${view.product} at ${clock(at)}, but the quota was at most ${quota}: ${current.map(nameOf).join(', ')}`,
        calls: current.flatMap((hold) => callsOf(hold).slice(0, 1)),
      });
  });
  return findings;
};

/** The machines in use at an instant are at most the machine quota, which must not change during a run. */
export const machineQuotaHolds = (view: View): Finding[] => {
  const findings: Finding[] = [];
  const quota = Math.max(0, ...view.terms.writes.map(({ terms }) => terms.machineQuota));
  const holds = [...view.claims, ...view.offline].filter((hold) => isCertain(hold) && hold.machine !== undefined);
  atEachBeginning(holds, (current, at) => {
    const machines = new Set(current.map(({ machine }) => machine));
    if (machines.size > quota)
      findings.push({
        rule: 'machine quota',
        detail: `${machines.size} machines in use for ${view.product} at ${clock(at)}, but the machine quota was at most ${quota}: ${current.map((hold) => `${nameOf(hold)} on ${hold.machine}`).join(', ')}`,
        calls: current.flatMap((hold) => callsOf(hold).slice(0, 1)),
      });
  });
  return findings;
};

/** Two claims that overlap, though they share what only one claim may have. */
const overlaps = (
  claims: readonly Claim[],
  keyOf: (claim: Claim) => string,
  rule: string,
  what: (claim: Claim) => string,
): Finding[] => {
  const last = new Map<string, Claim>();
  const findings: Finding[] = [];
  for (const claim of claims.filter(isCertain).sort((a, b) => a.from - b.from)) {
    const before = last.get(keyOf(claim));
    if (before && before.until > claim.from)
      findings.push({
        rule,
        detail: `${what(claim)} of ${claim.product}: ${nameOf(before)} held until ${clock(before.until)}, and ${nameOf(claim)} from ${clock(claim.from)}`,
        calls: [...before.proofs.slice(-1), ...claim.proofs.slice(0, 1)].map(({ call }) => call),
      });
    if (!before || before.until < claim.until) last.set(keyOf(claim), claim);
  }
  return findings;
};

export const oneHolderPerSeat = (view: View): Finding[] =>
  overlaps(
    view.claims,
    ({ seat }) => String(seat),
    'one holder of a seat',
    ({ seat }) => `seat ${seat}`,
  );

export const oneSeatPerSession = (view: View): Finding[] =>
  overlaps(
    view.claims,
    ({ session }) => session,
    'one seat of a session',
    ({ session }) => `session ${session}`,
  );

export const oneSessionPerUser = (view: View): Finding[] =>
  view.history.settings.products[view.product]?.licenseType === 'per-user'
    ? overlaps(
        view.claims,
        ({ user }) => user,
        'one session of a user',
        ({ user }) => `user ${user}`,
      )
    : [];

/** A seat and a fence name one claim for ever, and the fences of a seat grow. */
export const fencesGrow = (view: View): Finding[] => {
  const findings: Finding[] = [];
  const floating = view.history.settings.products[view.product]?.licenseType === 'floating';
  const bySeat = new Map<number, Claim[]>();
  for (const claim of view.claims) bySeat.set(claim.seat, [...(bySeat.get(claim.seat) ?? []), claim]);
  for (const claims of bySeat.values()) {
    claims.sort((a, b) => a.fence - b.fence || a.from - b.from);
    for (const [index, claim] of claims.entries()) {
      const next = claims[index + 1];
      const isSame = next?.fence === claim.fence;
      // The claim with the larger fence was told before the other began.
      const isBack = floating && next !== undefined && next.from < claim.earliest;
      if (isSame || isBack)
        findings.push({
          rule: 'growing fences',
          detail: `seat ${claim.seat} of ${view.product}: ${nameOf(claim)} from ${clock(claim.activatedAt)} on, and ${nameOf(next)} from ${clock(next.activatedAt)} on`,
          calls: [claim, next].flatMap(({ proofs }) => proofs.slice(0, 1).map(({ call }) => call)),
        });
    }
  }
  return findings;
};

/** An answer says that a claim has ended, though the client knows that it held its seat then. */
export const noHolderIsTurnedAway = (view: View): Finding[] => {
  const byKey = new Map(view.claims.map((claim) => [`${claim.session} ${claim.seat} ${claim.fence}`, claim]));
  return view.calls.flatMap((call) => {
    if (call.op !== 'heartbeat' || call.status !== 410) return [];
    const claim = byKey.get(`${call.session} ${call.seat} ${call.fence}`);
    if (!claim || claim.until <= (call.end ?? 0) || claim.from > call.begin) return [];
    return [
      {
        rule: 'kept leases',
        detail: `${nameOf(claim)} of ${view.product} held its seat until ${clock(claim.until)} at least, and was told at ${clock(call.end ?? 0)} that it had ended (${call.answer?.endedReason})`,
        calls: [call, ...claim.proofs.slice(-1).map((proof) => proof.call)],
      },
    ];
  });
};

/** An ended claim stays ended: no success of its fence after a call that ended it was answered. */
export const endsAreFinal = (view: View): Finding[] =>
  view.claims.flatMap((claim) => {
    const ended = certainEnds(claim).find(({ call }) => call.op !== 'transfer');
    const revived = ended && claim.proofs.find((proof) => proof.begin > ended.last);
    if (!ended || !revived) return [];
    return [
      {
        rule: 'ends are final',
        detail: `${nameOf(claim)} of ${view.product} ended by ${clock(ended.last)} (${ended.reason}), and an answer of ${clock(revived.end)} says that it is active`,
        calls: [ended.call, revived.call],
      },
    ];
  });

/** No success while the subscription was certainly suspended or expired; no lease beyond its expiry. */
export const termsAreKept = (view: View): Finding[] => {
  const { skewMs } = view.history.settings;
  return view.claims.flatMap((claim) =>
    claim.proofs.flatMap(({ call, begin, end, lease }) => {
      const terms = view.terms.over(begin, end);
      if (!terms.some((each) => mayBeActive(each, begin - skewMs)))
        return [
          {
            rule: 'terms',
            detail: `${nameOf(claim)} of ${view.product} got a license at ${clock(end)}, though the subscription was suspended or had expired`,
            calls: [call],
          },
        ];
      const expiresAt = Math.max(...terms.map((each) => each.expiresAt));
      if (lease > expiresAt + skewMs)
        return [
          {
            rule: 'terms',
            detail: `the lease of ${nameOf(claim)} of ${view.product} ends at ${clock(lease)}, after the subscription at ${clock(expiresAt)}`,
            calls: [call],
          },
        ];
      return [];
    }),
  );
};

/** Returns how many holders are certain, by time. */
export const certainCount = (view: View): Steps => {
  const steps = new Steps();
  for (const { from, until } of certainHolders(view)) steps.add(from, until);
  return steps;
};
