import { dayMs } from '../../domain/dates.ts';
import { invalid } from '../problems/problem.ts';

/**
 * Returns the range of a list of audit events, epoch ms: by default the last 30 days, with the events of this millisecond.
 *
 * @throws Problem (400) if the range is longer than 400 days
 */
export const eventRange = (
  query: { from?: string | undefined; to?: string | undefined },
  now: number,
): { from: number; to: number } => {
  const to = query.to === undefined ? now + 1 : Date.parse(query.to);
  const from = query.from === undefined ? Math.max(0, to - 30 * dayMs) : Date.parse(query.from);
  if (to - from > 400 * dayMs) throw invalid('/query/from', 'is more than 400 days before `to`: ask in parts');
  return { from, to };
};
