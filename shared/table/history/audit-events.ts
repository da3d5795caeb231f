import { dayMs, dayOf } from '../../domain/dates.ts';
import { type AuditEvent, type EventFilter, isWanted } from '../../domain/history/audit.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { dayOfEvents, keys, type Position, ranges } from '../store/keys.ts';
import { put, readPage, type Table } from '../store/table.ts';

/** Keeps an event. Its key is made of nothing but the event, so that keeping it again, or twice at once, changes nothing. */
export const recordEvent = async (table: Table, event: AuditEvent): Promise<void> => {
  await put(table, {
    Item: { ...keys.auditEvent(event.organizationId, event.at, event.id), event },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
};

/** How many events, and pages of events, one request of a list looks at, whatever it finds: a month of empty days. */
const mostOfRequest = { most: 1000, mostReads: 32 };

/**
 * A page of an organization's events, newest first. A request that has looked far enough gives what it found: the next
 * page goes on from there.
 *
 * @param options.from the earliest time, epoch ms
 * @param options.to before this time, epoch ms
 */
export const listEvents = async (
  table: Table,
  organizationId: string,
  options: { from: number; to: number; filter: EventFilter; limit: number; after?: Position },
): Promise<{ events: AuditEvent[]; next?: Position }> => {
  const { from, to, filter, limit } = options;
  const read = async (after: Position | undefined) => {
    const day = after ? dayOfEvents(after) : dayOf(to - 1);
    const range = ranges.auditEvents(organizationId, { from: Math.max(from, day), to: Math.min(to, day + dayMs) });
    // The earliest time may have moved on since the page before.
    if (after && after.sk < range.from) return { items: [] };
    const page = await readPage(table, range, { limit: 100, backwards: true, after });
    const next = page.next ?? (day > from ? endOfDay(organizationId, day - dayMs) : undefined);
    return { items: page.items.map(({ event }) => event), next };
  };
  if (from >= to) return { events: [] };
  const page = await readFiltered(
    read,
    (events) => events.filter((event) => isWanted(event, filter)),
    ({ at, id }) => keys.auditEvent(organizationId, at, id),
    { limit, after: options.after, ...mostOfRequest },
  );
  return { events: page.items, next: page.next };
};

/** The position after every event of a day, from which it is read backwards. */
const endOfDay = (organizationId: string, day: number): Position => {
  const { pk, to } = ranges.auditEvents(organizationId, { from: day, to: day + dayMs });
  return { pk, sk: to };
};
