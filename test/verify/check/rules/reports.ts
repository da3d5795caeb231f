import { isDone, Steps } from '../effects.ts';
import { type Claim, certainEnds, type View } from '../holds.ts';
import type { AuditRow, Call, HistoryRow, Lists } from '../log.ts';
import { clock, type Finding } from './finding.ts';

const keyOf = ({ session, fence }: { session: string; fence: number }) => `${session} ${fence}`;
const rowName = ({ sessionId, seat, fence, endedReason }: HistoryRow) =>
  `${sessionId} (seat ${seat}, fence ${fence}, ${endedReason})`;

/** Returns the reasons for which a claim can have ended, as far as its clients know. */
const possibleReasons = (view: View, claim: Claim): Set<string> => {
  const last = Math.max(...claim.proofs.map(({ begin }) => begin));
  const reasons = new Set<string>();
  for (const { last: until, reason } of claim.enders) if (until > last) reasons.add(reason);
  // The lease can end first, unless a certain end came while it lasted. The last answer counts: an expiry that was ahead, and has
  // moved since, shortens a lease.
  const { skewMs } = view.history.settings;
  const { proofs } = claim;
  const leases = proofs.filter(({ end }) => proofs.every(({ begin }) => begin <= end)).map(({ lease }) => lease);
  const certainEnd = Math.min(Number.POSITIVE_INFINITY, ...certainEnds(claim).map((one) => one.last));
  if (Math.min(...leases) - skewMs <= certainEnd) reasons.add('lease-expired');
  return reasons;
};

/** Each answered session is in the history once, with a reason that it can have ended for, and no earlier than it held. */
export const historyIsTrue = (view: View, { sessions }: Lists): Finding[] => {
  const { skewMs } = view.history.settings;
  const findings: Finding[] = [];
  const rule = 'history';
  const rows = new Map<string, HistoryRow[]>();
  for (const row of sessions) {
    const key = keyOf({ session: row.sessionId, fence: row.fence });
    rows.set(key, [...(rows.get(key) ?? []), row]);
  }
  const asked = new Set(view.calls.filter(({ op }) => op === 'activate').map(({ session }) => session));
  for (const same of rows.values()) {
    const [row] = same as [HistoryRow];
    if (same.length > 1)
      findings.push({ rule, detail: `${same.length} times in the history: ${rowName(row)}`, calls: [] });
    if (!asked.has(row.sessionId)) findings.push({ rule, detail: `no client asked for ${rowName(row)}`, calls: [] });
    if (row.status !== 'ended')
      findings.push({ rule, detail: `not ended at the end of the run: ${rowName(row)}`, calls: [] });
  }
  for (const claim of view.claims) {
    const [row] = rows.get(keyOf(claim)) ?? [];
    const calls = claim.proofs.map(({ call }) => call);
    const name = `${claim.session} (seat ${claim.seat}, fence ${claim.fence})`;
    if (!row) {
      findings.push({
        rule,
        detail: `${name} of ${view.product} was answered at ${clock(claim.from)} and is not in the history`,
        calls,
      });
      continue;
    }
    if (row.seat !== claim.seat || row.machineId !== claim.machine || row.userId !== claim.user)
      findings.push({
        rule,
        detail: `${name} of ${view.product} was on ${claim.machine}, of ${claim.user}; the history has seat ${row.seat}, ${row.machineId}, ${row.userId}`,
        calls,
      });
    const reasons = possibleReasons(view, claim);
    if (row.endedReason !== null && !reasons.has(row.endedReason))
      findings.push({
        rule: 'one true reason',
        detail: `${name} of ${view.product} ended for ${row.endedReason} in the history; it can only have been ${[...reasons].join(' or ')}`,
        calls: [...calls.slice(-1), ...claim.enders.map(({ call }) => call).slice(-3)],
      });
    // An admin's end has the time of the decision, and an end by the terms that of the request that met them.
    const decided = claim.enders.filter(({ reason }) => reason === row.endedReason).map(({ begin }) => begin);
    const isByTerms = row.endedReason?.startsWith('subscription-');
    const earliest = isByTerms
      ? Math.max(...claim.proofs.map(({ begin }) => begin))
      : Math.min(claim.until, ...decided);
    if (row.endedAt !== null && Date.parse(row.endedAt) + skewMs < earliest && claim.from < claim.until)
      findings.push({
        rule,
        detail: `${name} of ${view.product} held its seat until ${clock(earliest)}; the history says until ${clock(Date.parse(row.endedAt))}`,
        calls,
      });
  }
  return findings;
};

/** The 410 of a heartbeat and the history give the same reason. */
export const reasonsAgree = (view: View, { sessions }: Lists): Finding[] => {
  const reasons = new Map(
    sessions.map((row) => [keyOf({ session: row.sessionId, fence: row.fence }), row.endedReason]),
  );
  return view.calls.flatMap((call) => {
    if (call.op !== 'heartbeat' || call.status !== 410 || !call.session || !call.fence) return [];
    const recorded = reasons.get(keyOf({ session: call.session, fence: call.fence }));
    const told = call.answer?.endedReason;
    if (!recorded || !told || recorded === told) return [];
    return [
      {
        rule: 'one true reason',
        detail: `${call.session} (seat ${call.seat}, fence ${call.fence}) of ${view.product} was told ${told}; the history says ${recorded}`,
        calls: [call],
      },
    ];
  });
};

/** In the history no two sessions were on one seat at once. */
export const historyKeepsSeats = (view: View, { sessions }: Lists): Finding[] => {
  const { skewMs } = view.history.settings;
  const last = new Map<number, HistoryRow>();
  const findings: Finding[] = [];
  for (const row of [...sessions].sort((a, b) => Date.parse(a.activatedAt) - Date.parse(b.activatedAt))) {
    const before = last.get(row.seat);
    if (before?.endedAt && Date.parse(before.endedAt) - skewMs > Date.parse(row.activatedAt))
      findings.push({
        rule: 'one holder of a seat',
        detail: `in the history of ${view.product} ${rowName(before)} ended at ${clock(Date.parse(before.endedAt))}, after the start of ${rowName(row)} at ${clock(Date.parse(row.activatedAt))}`,
        calls: [],
      });
    last.set(row.seat, row);
  }
  return findings;
};

/** The usage is at most the quota, which is the highest that may have been in force. */
export const usageIsWithinQuota = (view: View, { usage }: Lists): Finding[] => {
  const quota = Math.max(0, ...view.terms.writes.map(({ terms }) => terms.quota));
  return usage
    .filter(({ peak }) => peak > quota)
    .map(({ from, peak }) => ({
      rule: 'usage',
      detail: `the usage of ${view.product} from ${from} on has a peak of ${peak}, above the quota of ${quota}`,
      calls: [],
    }));
};

/** An activation's start or end, as the audit trail tells it. */
interface ToldByAudit {
  starts: string[];
  ends: { key: string; reason: unknown }[];
}

/** Returns what an event tells of activations. A move tells an end and a start; a start may tell an unnoticed end. */
const toldBy = ({ action, target, details }: AuditRow): ToldByAudit => {
  const key = keyOf({ session: target.id, fence: Number(details.fence) });
  const earlier = details.ended as { fence: number; reason: string } | undefined;
  const lapsed = earlier ? [{ key: keyOf({ session: target.id, fence: earlier.fence }), reason: earlier.reason }] : [];
  // A wait that somebody ended has no fence: it was no activation.
  if (action === 'activation.ended' && details.fence !== undefined)
    return { starts: [], ends: [{ key, reason: details.reason }] };
  if (action === 'activation.started') return { starts: [key], ends: lapsed };
  if (action === 'activation.transferred')
    return {
      starts: [key],
      ends: [{ key: keyOf({ session: target.id, fence: Number(details.fence) - 1 }), reason: 'license-transferred' }],
    };
  return { starts: [], ends: [] };
};

/** Returns the sessions of the history whose start and end the audit trail does not tell once each, with the same reason. */
export const untoldByAudit = ({
  audit,
  sessions,
}: Pick<Lists, 'audit' | 'sessions'>): { row: HistoryRow; told: string }[] => {
  const told = audit.map(toldBy);
  const starts = Map.groupBy(
    told.flatMap((each) => each.starts),
    (key) => key,
  );
  const ends = Map.groupBy(
    told.flatMap((each) => each.ends),
    ({ key }) => key,
  );
  return sessions.flatMap((row) => {
    const key = keyOf({ session: row.sessionId, fence: row.fence });
    const [started, ended] = [starts.get(key) ?? [], ends.get(key) ?? []];
    const isTold = started.length === 1 && ended.length === 1 && ended[0]?.reason === row.endedReason;
    return isTold
      ? []
      : [
          {
            row,
            told: `${started.length} starts, ${ended.length} ends (${ended.map(({ reason }) => reason).join(', ')})`,
          },
        ];
  });
};

/** The audit trail has each answered change, and each start and end once. */
export const auditIsComplete = (view: View, { audit, sessions }: Lists): Finding[] => {
  const rule = 'audit';
  const findings: Finding[] = untoldByAudit({ audit, sessions }).map(({ row, told }) => ({
    rule,
    detail: `the audit events of ${view.product} tell ${told} of ${rowName(row)}`,
    calls: [],
  }));
  if (new Set(audit.map(({ id }) => id)).size < audit.length)
    findings.push({ rule, detail: `two audit events of ${view.product} have the same ID`, calls: [] });
  const count = (action: string, target?: string) =>
    audit.filter((event) => event.action === action && (target === undefined || event.target.id === target)).length;
  for (const { name, calls } of view.offline) {
    const done = calls.filter(isDone);
    if (done.length > 0 && count('offline-license.issued', name) !== 1)
      findings.push({
        rule,
        detail: `${count('offline-license.issued', name)} events offline-license.issued of ${name}`,
        calls: done,
      });
  }
  const grants = Map.groupBy(
    view.calls.filter(({ op, status }) => op === 'grant' && status === 201),
    ({ user }) => user,
  );
  for (const [user, calls] of grants)
    if (count('license.granted', user) < calls.length)
      findings.push({
        rule,
        detail: `${count('license.granted', user)} events license.granted of ${user} for ${calls.length} answered grants`,
        calls,
      });
  return [...findings, ...termsAreAudited(view, audit)];
};

/** Each change of the quota or the status that was certainly one has an event. */
const termsAreAudited = (view: View, audit: readonly AuditRow[]): Finding[] => {
  const certain = new Map<string, Call[]>();
  let before: Call | undefined;
  for (const call of view.calls.filter(({ op }) => op === 'set-terms')) {
    for (const name of ['quota', 'status'] as const) {
      const value = call.terms?.[name];
      const change = `${name} ${value}`;
      if (before && isDone(before) && isDone(call) && before.terms?.[name] !== value)
        certain.set(change, [...(certain.get(change) ?? []), call]);
    }
    before = call;
  }
  return [...certain].flatMap(([change, calls]) => {
    const told = audit.filter(({ action, details }) => {
      const after = Object.entries((details.after ?? {}) as object);
      return action === 'subscription.changed' && after.some(([name, value]) => `${name} ${value}` === change);
    });
    return told.length >= calls.length
      ? []
      : [
          {
            rule: 'audit',
            detail: `${told.length} events tell ${calls.length} changes of ${view.product} to ${change}`,
            calls,
          },
        ];
  });
};

/** Returns how many sessions of the history ran at once, at most. */
const peakOf = (sessions: readonly HistoryRow[]): number => {
  const steps = new Steps();
  for (const { activatedAt, endedAt } of sessions)
    steps.add(Date.parse(activatedAt), endedAt ? Date.parse(endedAt) : Number.POSITIVE_INFINITY);
  return Math.max(0, ...steps.over(0, Number.POSITIVE_INFINITY));
};

/** The usage's peak is that of the history. */
export const usageAgrees = (view: View, { usage, sessions }: Lists): Finding[] => {
  const told = Math.max(0, ...usage.map(({ peak }) => peak));
  const counted = peakOf(sessions);
  return told === counted
    ? []
    : [
        {
          rule: 'usage',
          detail: `the usage of ${view.product} has a peak of ${told}; the history has ${counted} sessions at once`,
          calls: [],
        },
      ];
};
