import { dayMs, dayOf, type TimeRange } from '../../domain/dates.ts';
import { eventsOfActivation } from '../../domain/history/activation-events.ts';
import type { AuditEvent } from '../../domain/history/audit.ts';
import { durationClasses, longestOf, startsOf } from '../../domain/history/duration-class.ts';
import { type KeyRange, type Page, type Pool, type Position, ranges } from '../store/keys.ts';
import { readPage, type Table } from '../store/table.ts';
import { activationsOf, readLiveClaims } from './live-activations.ts';

/** A place in a list of events: they sort by time (epoch ms), then by ID. */
export type EventPosition = Pick<AuditEvent, 'at' | 'id'>;

/** Returns whether a place comes before another, newest first. */
export const isNewer = (one: EventPosition, other: EventPosition): boolean =>
  one.at === other.at ? one.id > other.id : one.at > other.at;

/** A list that tells events, and is read page after page. */
export interface EventSource {
  isStored: boolean;
  /** The reads so far found every event from this place on. Absent: all events of the range. */
  floor?: EventPosition | undefined;
  /** Reads on. `items`: how many items it read. */
  read: () => Promise<{ events: AuditEvent[]; items: number }>;
}

/** The events to read: those of a time range. `most`: at most so many items a read. */
export type EventRange = TimeRange & { most: number };

/** The number of items of the first read of a list, and of the later ones. */
const firstRead = 100;
const laterRead = 1000;

/** The place after all events of a time, newest first: no ID sorts behind this one. */
const before = (at: number): EventPosition => ({ at, id: '~' });

/** Reads a list backwards, page after page. `floorOf` returns the floor after the last item of a page. */
const sourceOf = <T>(
  table: Table,
  list: KeyRange<T>,
  { from, most }: EventRange,
  { eventsOf, floorOf }: { eventsOf: (item: T) => AuditEvent[]; floorOf: (last: T) => number },
): EventSource => {
  let after: Position | undefined;
  const source: EventSource = {
    isStored: false,
    read: async () => {
      const limit = Math.min(after ? laterRead : firstRead, most);
      const { items, next }: Page<T> = await readPage(table, list, { limit, backwards: true, after });
      after = next;
      const last = items.at(-1);
      const floor = next && last ? before(floorOf(last)) : undefined;
      source.floor = floor && floor.at >= from ? floor : undefined;
      return { events: items.flatMap(eventsOf), items: items.length };
    },
  };
  return source;
};

/**
 * Returns the source of a pool's live sessions: their starts. Reads all their claims first, then their records by and by. A session
 * that moved has no start here, so the claims are in the order of the starts.
 */
export const liveActivations = async (table: Table, pool: Pool, range: EventRange): Promise<EventSource> => {
  const claims = (await readLiveClaims(table, pool, range.to))
    .filter(({ startedAt }) => startedAt >= range.from)
    .sort((a, b) => b.startedAt - a.startedAt);
  let done = 0;
  const source: EventSource = {
    isStored: false,
    floor: claims.length > 0 ? { at: Infinity, id: '' } : undefined,
    read: async () => {
      const some = claims.slice(done, done + Math.min(done > 0 ? laterRead : firstRead, range.most));
      done += some.length;
      const last = done < claims.length ? some.at(-1) : undefined;
      source.floor = last && before(last.startedAt);
      const sessions = await activationsOf(table, pool, some);
      return { events: sessions.flatMap((session) => eventsOfActivation(pool, session)), items: some.length };
    },
  };
  return source;
};

/**
 * Returns the sources of a pool's ended activations: one for each duration class. A class sorts by starts. Once all that began
 * after a time are read, the ends are known that are later than that time by more than the class's longest duration.
 */
export const endedActivations = (table: Table, pool: Pool, range: EventRange): EventSource[] =>
  durationClasses.map((durationClass) =>
    sourceOf(table, ranges.endedSessions(pool, durationClass, startsOf(durationClass, range)), range, {
      eventsOf: (session) => eventsOfActivation(pool, session),
      floorOf: ({ startedAt }) => startedAt + longestOf(durationClass),
    }),
  );

/** Returns the source of a trail's stored events: day after day. */
export const storedEvents = (table: Table, trail: string, range: EventRange): EventSource => {
  let to = range.to;
  const listOf = () => {
    const day = dayOf(to - 1);
    return {
      day,
      source: sourceOf(
        table,
        ranges.auditEvents(trail, { from: Math.max(range.from, day), to: Math.min(to, day + dayMs) }),
        range,
        { eventsOf: ({ event }) => [event], floorOf: ({ event }) => event.at },
      ),
    };
  };
  let current = listOf();
  const source: EventSource = {
    isStored: true,
    read: async () => {
      const result = await current.source.read();
      source.floor = current.source.floor;
      if (!source.floor && current.day > range.from) {
        // All events of the day are known.
        to = current.day;
        source.floor = { at: to, id: '' };
        current = listOf();
      }
      return result;
    },
  };
  return source;
};
