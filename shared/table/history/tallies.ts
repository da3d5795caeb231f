import { hourMs } from '../../domain/dates.ts';
import { Pace, type Tallied, type Tally } from '../../domain/history/tally.ts';
import { keys } from '../store/keys.ts';
import { type Table, update } from '../store/table.ts';

/** By organization: a flood in one delays the counts of no other. */
const paces = new Map<string, Pace>();
const mostPaces = 1000;

const paceOf = (organizationId: string): Pace => {
  const known = paces.get(organizationId);
  if (known) return known;
  if (paces.size >= mostPaces) paces.clear();
  const pace = new Pace();
  paces.set(organizationId, pace);
  return pace;
};

const nameOf = (what: Tallied, { actor }: Table) =>
  what.kind === 'authentication'
    ? `${what.kind}#${what.keyId}#${what.reason}`
    : `${what.kind}#${what.operation}#${actor}`;

/**
 * Counts an event in the hour of `now` (epoch ms), for the audit trail: one write, or none if this instance wrote the same
 * count within the minute. The count is a lower bound: unwritten counts end with their instance.
 */
export const countInTally = async (table: Table, organizationId: string, what: Tallied, now: number): Promise<void> => {
  const name = nameOf(what, table);
  const count = paceOf(organizationId).add(name, now);
  if (count === 0) return;
  const hour = now - (now % hourMs);
  const last: Omit<Tally, 'count' | 'firstAt'> = { ...what, organizationId, hour, lastAt: now };
  const fields = Object.entries(last).filter(([, value]) => value !== undefined);
  const set = fields.map(([field]) => `#${field} = :${field}`).join(', ');
  await update(table, {
    Key: keys.tally(organizationId, hour, name),
    UpdateExpression: `SET firstAt = if_not_exists(firstAt, :lastAt), ${set} ADD #count :count`,
    ExpressionAttributeValues: {
      ':count': count,
      ...Object.fromEntries(fields.map(([field, value]) => [`:${field}`, value])),
    },
  });
};
