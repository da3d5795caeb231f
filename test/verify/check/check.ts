import { viewOf } from './holds.ts';
import type { Call, History } from './log.ts';
import type { Finding } from './rules/finding.ts';
import {
  endsAreFinal,
  fencesGrow,
  machineQuotaHolds,
  noHolderIsTurnedAway,
  oneHolderPerSeat,
  oneSeatPerSession,
  oneSessionPerUser,
  quotaHolds,
  termsAreKept,
} from './rules/holders.ts';
import { firstComeFirstServed } from './rules/queue.ts';
import { noFalseRefusal, noFalseSuspension } from './rules/refusals.ts';
import {
  auditIsComplete,
  historyIsTrue,
  historyKeepsSeats,
  reasonsAgree,
  usageAgrees,
  usageIsWithinQuota,
} from './rules/reports.ts';

const rules = [
  quotaHolds,
  machineQuotaHolds,
  oneHolderPerSeat,
  oneSeatPerSession,
  oneSessionPerUser,
  fencesGrow,
  noHolderIsTurnedAway,
  endsAreFinal,
  termsAreKept,
  noFalseRefusal,
  noFalseSuspension,
  firstComeFirstServed,
];
const reportRules = [historyIsTrue, reasonsAgree, historyKeepsSeats, usageIsWithinQuota, usageAgrees, auditIsComplete];

/** Checks a history against every guarantee. Returns the findings, the shortest one of each rule first. */
export const check = (history: History): Finding[] =>
  Object.keys(history.settings.products)
    .flatMap((product) => {
      const view = viewOf(history, product);
      const lists = history.lists.find((one) => one.product === product);
      return [
        ...rules.flatMap((rule) => rule(view)),
        ...(lists ? reportRules.flatMap((rule) => rule(view, lists)) : []),
      ];
    })
    .sort((a, b) => a.calls.length - b.calls.length);

const brief = (value: unknown) => JSON.stringify(value)?.replaceAll('"', '') ?? '';

const told = ({ n, op, begin, end, status, kind, answer, ...arguments_ }: Call): string => {
  const at = (time: number) => new Date(time).toISOString().slice(11, 23);
  return `  #${n} ${at(begin)}–${end === null ? 'no answer' : at(end)} ${op} ${brief(arguments_)} → ${status ?? '-'} ${answer ? brief(answer) : ''}`;
};

/** Returns the shortest explanation of each broken rule. */
export const explain = (findings: readonly Finding[]): string => {
  const byRule = Map.groupBy(findings, ({ rule }) => rule);
  return [...byRule]
    .map(([rule, [shortest, ...others]]) =>
      [
        `Violated: ${rule}${others.length > 0 ? ` (${others.length + 1} findings; this is the shortest)` : ''}`,
        `  ${shortest?.detail}`,
        ...(shortest?.calls.slice(0, 12).map(told) ?? []),
      ].join('\n'),
    )
    .join('\n');
};
