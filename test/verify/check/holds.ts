import { effectsEnd, isDone, isOpen, isRefused } from './effects.ts';
import type { Call, History } from './log.ts';
import { type PossibleTerms, possibleTerms } from './terms.ts';

/** A time at which a claim certainly held its seat: it lies between the beginning and the end of a call. */
interface Proof {
  call: Call;
  begin: number;
  end: number;
  /** The end of the lease that the answer told, epoch ms. */
  lease: number;
}

/** A call that may end a claim, with the reason that the claim would have then. */
interface Ender {
  call: Call;
  begin: number;
  /** Its last effect, epoch ms. */
  last: number;
  reason: string;
}

/**
 * A claim of a seat, as the clients know it. Times are epoch ms. From `from` to `until` the claim certainly holds its seat. It
 * may hold the seat from `earliest` to `latest`.
 */
export interface Claim {
  product: string;
  session: string;
  user: string;
  machine: string;
  seat: number;
  fence: number;
  activatedAt: number;
  proofs: Proof[];
  enders: Ender[];
  from: number;
  until: number;
  earliest: number;
  latest: number;
  /** The earliest time at which the service may have verified that the quota allows this claim. */
  verifiedFrom: number;
}

/** A hold of a licensed user, or of an offline license: `from`, `until`, … as of a claim. */
export interface LongHold {
  name: string;
  machine?: string;
  calls: Call[];
  from: number;
  until: number;
  earliest: number;
  latest: number;
  verifiedFrom: number;
}

/** The client's view of one product. */
export interface View {
  product: string;
  leaseMs: number;
  history: History;
  calls: Call[];
  terms: PossibleTerms;
  claims: Claim[];
  users: LongHold[];
  offline: LongHold[];
  effectsEnd: (call: Call) => number;
}

const time = (text: string | null | undefined): number => (text ? Date.parse(text) : Number.NaN);
const forever = Number.POSITIVE_INFINITY;

/** How long a claim of a user's license, or of an offline license, may stay without a record, ms. */
export const unrecordedMs = 62_000;

export const viewOf = (history: History, product: string): View => {
  const { settings } = history;
  const { leaseMs } = settings.products[product] as { leaseMs: number };
  const view: View = {
    product,
    leaseMs,
    history,
    calls: history.calls.filter((call) => call.product === product || call.op === 'remove-member'),
    terms: possibleTerms(history, product),
    claims: [],
    users: [],
    offline: [],
    effectsEnd: (call) => effectsEnd(call, history),
  };
  view.claims = claimsOf(view);
  view.users = settings.products[product]?.licenseType === 'per-user' ? usersOf(view) : [];
  view.offline = offlineOf(view);
  return view;
};

const claimsOf = (view: View): Claim[] => {
  const proven = new Map<string, { first: Call; proofs: Proof[] }>();
  for (const call of view.calls) {
    const { answer, end, session } = call;
    const proves = ['activate', 'heartbeat', 'transfer'].includes(call.op) && isDone(call) && call.status !== 202;
    if (!proves || !answer?.seat || !answer.fence || end === null) continue;
    const key = `${session} ${answer.seat} ${answer.fence}`;
    const entry = proven.get(key) ?? { first: call, proofs: [] };
    entry.proofs.push({ call, begin: call.begin, end, lease: time(answer.leaseExpiresAt) });
    proven.set(key, entry);
  }
  const bySession = groupBy(view.calls, (call) => call.session ?? '');
  const claims = [...proven.values()].map(({ first, proofs }) => claimOf(view, first, proofs, bySession));
  const claimsBySession = groupBy(claims, ({ session }) => session);
  for (const claim of claims) settleClaim(view, claim, claimsBySession.get(claim.session) ?? [], bySession);
  return claims;
};

const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
};

const claimOf = (view: View, first: Call, proofs: Proof[], bySession: Map<string, Call[]>): Claim => {
  const { answer } = first;
  const activatedAt = Math.min(...proofs.map(({ call }) => time(call.answer?.activatedAt)));
  const { skewMs } = view.history.settings;
  const session = first.session as string;
  const claim: Claim = {
    product: view.product,
    session,
    user: (bySession.get(session)?.find(({ op }) => op === 'activate')?.user ?? first.user) as string,
    machine: answer?.machineId as string,
    seat: answer?.seat as number,
    fence: answer?.fence as number,
    activatedAt,
    proofs,
    enders: [],
    from: Math.min(...proofs.map(({ end }) => end)),
    until: 0,
    earliest: activatedAt - skewMs,
    latest: forever,
    verifiedFrom: activatedAt - skewMs,
  };
  return claim;
};

/** Fills in the times of a claim. */
const settleClaim = (view: View, claim: Claim, ofSession: Claim[], bySession: Map<string, Call[]>): void => {
  const { skewMs } = view.history.settings;
  const calls = bySession.get(claim.session) ?? [];
  claim.enders = endersOf(view, claim, calls);
  // A transfer moves a claim that was verified before: its new claim is as old as the session.
  if (calls.some(({ op, begin }) => op === 'transfer' && begin <= claim.from))
    claim.verifiedFrom = Math.min(...ofSession.map(({ earliest }) => earliest));
  const last = Math.max(...claim.proofs.map(({ begin }) => begin));
  const untils = claim.proofs.map(({ begin, lease }) => {
    const cut = Math.min(forever, ...claim.enders.filter((ender) => ender.last > begin).map((ender) => ender.begin));
    return Math.min(lease - skewMs, cut);
  });
  claim.until = Math.max(last, ...untils);
  claim.latest = latestOf(view, claim, ofSession, calls);
};

/** Returns the reasons for which a call may end a claim. */
const reasonOf = (view: View, claim: Claim, call: Call): string | undefined => {
  const perUser = view.history.settings.products[view.product]?.licenseType === 'per-user';
  const ofSession = call.session === claim.session;
  switch (call.op) {
    case 'release':
      return ofSession && (call.fence === undefined || call.fence === claim.fence) ? 'released' : undefined;
    case 'force':
      return ofSession ? 'license-removed' : undefined;
    case 'transfer':
      return ofSession && !(isDone(call) && call.answer?.fence === claim.fence) ? 'license-transferred' : undefined;
    case 'remove-machine':
      return call.machine === claim.machine ? 'machine-removed' : undefined;
    case 'remove-machine-license':
      return call.machine === claim.machine ? 'license-removed' : undefined;
    case 'remove-member':
      return call.user === claim.user ? 'user-removed' : undefined;
    case 'revoke':
      return call.user === claim.user ? 'user-removed' : undefined;
    case 'transfer-license':
      return call.user === claim.user ? 'license-transferred' : undefined;
    case 'activate':
      return perUser && call.user === claim.user && !ofSession ? 'logged-in-elsewhere' : undefined;
    default:
      return undefined;
  }
};

const endersOf = (view: View, claim: Claim, ofSession: Call[]): Ender[] => {
  const perUser = view.history.settings.products[view.product]?.licenseType === 'per-user';
  const others = perUser ? view.calls : view.calls.filter((call) => call.session === undefined);
  const targets = new Set(ofSession.flatMap(({ op, machine }) => (op === 'transfer' && machine ? [machine] : [])));
  const enders: Ender[] = [];
  for (const call of perUser ? others : [...ofSession, ...others]) {
    if (isRefused(call)) continue;
    let reason = reasonOf(view, claim, call);
    // The machine to which a session is about to move counts as the session's.
    if (!reason && call.machine && targets.has(call.machine))
      reason = { 'remove-machine': 'machine-removed', 'remove-machine-license': 'license-removed' }[call.op as string];
    if (reason) enders.push({ call, begin: call.begin, last: view.effectsEnd(call), reason });
  }
  for (const { call, terms, until } of view.terms.writes) {
    const { begin } = call;
    if (terms.status === 'suspended') enders.push({ call, begin, last: until, reason: 'subscription-suspended' });
    // An end of the subscription that is ahead shortens leases before it comes.
    if (terms.expiresAt < begin + 86_400_000) enders.push({ call, begin, last: until, reason: 'subscription-expired' });
  }
  return enders;
};

/** Returns the answered calls that have ended a claim: it was answered before they began. */
export const certainEnds = ({ enders, from, machine }: Claim): Ender[] =>
  enders.filter(
    ({ call, begin, reason }) =>
      isDone(call) &&
      begin >= from &&
      call.op !== 'set-terms' &&
      reason !== 'logged-in-elsewhere' &&
      (call.op === 'transfer' || (call.machine ?? machine) === machine),
  );

/** Returns until when a claim may hold its seat. */
const latestOf = (view: View, claim: Claim, ofSession: Claim[], calls: Call[]): number => {
  const { skewMs } = view.history.settings;
  const leases = claim.proofs.map(({ lease }) => lease + skewMs);
  for (const call of calls) {
    const renews = call.op === 'activate' || call.op === 'heartbeat';
    if (renews && isOpen(call)) leases.push(view.effectsEnd(call) + view.leaseMs);
    // A transfer renews the lease.
    if (call.op === 'transfer' && isOpen(call)) leases.push(view.effectsEnd(call) + view.leaseMs);
  }
  const ends = certainEnds(claim).map(({ last }) => last);
  const told = calls.filter(
    ({ op, status, fence, begin }) =>
      status === 410 && (op === 'heartbeat' ? fence === claim.fence : op === 'activate' && begin >= claim.from),
  );
  const later = ofSession.filter(({ fence }) => fence > claim.fence);
  return Math.min(
    Math.max(...leases),
    ...ends,
    ...told.map(({ end }) => end ?? forever),
    ...later.map(({ from }) => from),
  );
};

/** The calls that give a user a license, and those that take it. */
const givesTo = ({ op, user, to }: Call): string | undefined =>
  op === 'grant' ? user : op === 'transfer-license' ? to : undefined;
const takesFrom = ({ op, user }: Call): string | undefined =>
  op === 'revoke' || op === 'transfer-license' || op === 'remove-member' ? user : undefined;

const usersOf = (view: View): LongHold[] => {
  const { skewMs } = view.history.settings;
  const given = groupBy(
    view.calls.filter((call) => givesTo(call) !== undefined && !isRefused(call)),
    (call) => givesTo(call) as string,
  );
  return [...given].flatMap(([name, gives]) => {
    const takes = view.calls.filter((call) => takesFrom(call) === name && !isRefused(call));
    const proofs = view.calls.filter(
      (call) =>
        isDone(call) && call.end !== null && (givesTo(call) === name || (call.op === 'activate' && call.user === name)),
    );
    const wasTransferred = gives.some(({ op }) => op === 'transfer-license');
    const possible = gives.map((call): LongHold => {
      const last = view.effectsEnd(call);
      const gone = takes.filter((take) => isDone(take) && take.begin >= last).map(({ end }) => end ?? forever);
      const latest = Math.min(forever, ...gone);
      return { ...emptyHold(name, [call]), earliest: call.begin - skewMs, latest };
    });
    const certain = proofs.map((call): LongHold => {
      const cut = takes.filter((take) => view.effectsEnd(take) > call.begin).map(({ begin }) => begin);
      // Until the first call that may take the license.
      const until = Math.min(forever, ...cut);
      const licensedAt = call.op === 'grant' ? time(call.answer?.licensedAt) : Number.NaN;
      const verifiedFrom = wasTransferred ? 0 : Number.isNaN(licensedAt) ? 0 : licensedAt - skewMs;
      return { ...emptyHold(name, [call]), from: call.end as number, until, verifiedFrom };
    });
    return [...merged(possible, 'earliest', 'latest'), ...merged(certain, 'from', 'until')];
  });
};

const emptyHold = (name: string, calls: Call[]): LongHold => ({
  name,
  calls,
  from: forever,
  until: forever,
  earliest: forever,
  latest: forever,
  verifiedFrom: 0,
});

/** Merges holds of one holder whose intervals overlap, so that the holder counts once. */
const merged = (holds: LongHold[], first: 'earliest' | 'from', last: 'latest' | 'until'): LongHold[] => {
  const result: LongHold[] = [];
  for (const hold of holds.filter((one) => one[first] < one[last]).sort((a, b) => a[first] - b[first])) {
    const before = result.at(-1);
    if (before && hold[first] <= before[last]) {
      before[last] = Math.max(before[last], hold[last]);
      before.verifiedFrom = Math.min(before.verifiedFrom, hold.verifiedFrom);
      before.calls.push(...hold.calls);
    } else result.push({ ...hold, calls: [...hold.calls] });
  }
  return result;
};

const offlineOf = (view: View): LongHold[] => {
  const { skewMs } = view.history.settings;
  const issues = groupBy(
    view.calls.filter(({ op }) => op === 'issue'),
    ({ key }) => key ?? '',
  );
  return [...issues].flatMap(([key, calls]) => {
    const done = calls.filter((call) => isDone(call) && call.answer?.id);
    const { id, expiresAt, issuedAt } = done[0]?.answer ?? {};
    const voids = id ? view.calls.filter(({ op, license }) => op === 'void' && license === id) : [];
    const voided = voids.filter(isDone).map(({ end }) => end ?? forever);
    const machine = calls[0]?.machine;
    const asked = calls.filter((call) => !isRefused(call));
    if (asked.length === 0) return [];
    const earliest = Math.min(...asked.map(({ begin }) => begin)) - skewMs;
    const wanted = Math.max(...calls.map(({ expiresAt: end }) => end ?? forever));
    const latest = Math.min(id ? time(expiresAt) + skewMs : wanted, ...voided);
    if (!id) return [{ ...emptyHold(key, calls), ...(machine && { machine }), earliest, latest }];
    return [
      {
        ...emptyHold(id, calls),
        ...(machine && { machine }),
        earliest,
        latest,
        from: Math.min(...done.map(({ end }) => end ?? forever)),
        until: Math.min(time(expiresAt) - skewMs, ...voids.map(({ begin }) => begin)),
        verifiedFrom: time(issuedAt) - skewMs,
      },
    ];
  });
};
