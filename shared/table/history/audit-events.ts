import { dayMs, dayOf } from '../../domain/dates.ts';
import { type AuditEvent, type EventFilter, isWanted, trailsOf } from '../../domain/history/audit.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { dayOfEvents, keys, type Page, type Position, ranges } from '../store/keys.ts';
import { put, readPage, type Table } from '../store/table.ts';

/** Writes an event into its trails. Its keys derive from the event alone. So a repetition, even at the same time, changes nothing. */
export const recordEvent = async (table: Table, event: AuditEvent): Promise<void> => {
  for (const trail of trailsOf(event))
    await put(table, {
      Item: { ...keys.auditEvent(trail, event.at, event.id), event },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
};

/** The most events, and pages of events, that one request of a list reads: a month of empty days. */
const mostOfRequest = { most: 1000, mostReads: 32 };

/**
 * Returns a page of a trail's events, newest first: an organization's, or the vendor's. A request that reaches its bound returns what it found. The
 * next page continues there.
 *
 * @param options.from the earliest time, epoch ms
 * @param options.to before this time, epoch ms
 */
export const listEvents = async (
  table: Table,
  trail: string,
  options: { from: number; to: number; filter: EventFilter; limit: number; after?: Position },
): Promise<Page<AuditEvent>> => {
  const { from, to, filter, limit } = options;
  const read = async (after: Position | undefined) => {
    const day = after ? dayOfEvents(after) : dayOf(to - 1);
    const range = ranges.auditEvents(trail, { from: Math.max(from, day), to: Math.min(to, day + dayMs) });
    // Since the last page, the earliest time may have moved.
    if (after && after.sk < range.from) return { items: [] };
    const page = await readPage(table, range, { limit: 100, backwards: true, after });
    const next = page.next ?? (day > from ? endOfDay(trail, day - dayMs) : undefined);
    return { items: page.items.map(({ event }) => event), next };
  };
  if (from >= to) return { items: [] };
  return readFiltered(
    read,
    (events) => events.filter((event) => isWanted(event, filter)),
    ({ at, id }) => keys.auditEvent(trail, at, id),
    { limit, after: options.after, ...mostOfRequest },
  );
};

/** Returns the position after the events of a day, for a read backwards. */
const endOfDay = (trail: string, day: number): Position => {
  const { pk, to } = ranges.auditEvents(trail, { from: day, to: day + dayMs });
  return { pk, sk: to };
};
