import { dayMs, dayOf } from '../../domain/dates.ts';
import { type AuditEvent, type EventFilter, isWanted } from '../../domain/history/audit.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { dayOfEvents, keys, type Page, type Position, ranges } from '../store/keys.ts';
import { put, readPage, type Table } from '../store/table.ts';

/** Writes an event. Its key derives from the event alone. So a repetition, even at the same time, changes nothing. */
export const recordEvent = async (table: Table, event: AuditEvent): Promise<void> => {
  await put(table, {
    Item: { ...keys.auditEvent(event.organizationId, event.at, event.id), event },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
};

/** The most events, and pages of events, that one request of a list reads: a month of empty days. */
const mostOfRequest = { most: 1000, mostReads: 32 };

/**
 * Returns a page of an organization's events, newest first. A request that reaches its bound returns what it found. The
 * next page continues there.
 *
 * @param options.from the earliest time, epoch ms
 * @param options.to before this time, epoch ms
 */
export const listEvents = async (
  table: Table,
  organizationId: string,
  options: { from: number; to: number; filter: EventFilter; limit: number; after?: Position },
): Promise<Page<AuditEvent>> => {
  const { from, to, filter, limit } = options;
  const read = async (after: Position | undefined) => {
    const day = after ? dayOfEvents(after) : dayOf(to - 1);
    const range = ranges.auditEvents(organizationId, { from: Math.max(from, day), to: Math.min(to, day + dayMs) });
    // Since the last page, the earliest time may have moved.
    if (after && after.sk < range.from) return { items: [] };
    const page = await readPage(table, range, { limit: 100, backwards: true, after });
    const next = page.next ?? (day > from ? endOfDay(organizationId, day - dayMs) : undefined);
    return { items: page.items.map(({ event }) => event), next };
  };
  if (from >= to) return { items: [] };
  return readFiltered(
    read,
    (events) => events.filter((event) => isWanted(event, filter)),
    ({ at, id }) => keys.auditEvent(organizationId, at, id),
    { limit, after: options.after, ...mostOfRequest },
  );
};

/** Returns the position after the events of a day, for a read backwards. */
const endOfDay = (organizationId: string, day: number): Position => {
  const { pk, to } = ranges.auditEvents(organizationId, { from: day, to: day + dayMs });
  return { pk, sk: to };
};
