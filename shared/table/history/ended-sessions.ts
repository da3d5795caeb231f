import { dayOf, type TimeRange } from '../../domain/dates.ts';
import { durationClasses, durationClassOf, startsOf } from '../../domain/history/duration-class.ts';
import { type EndedSession, type HistorySession, isEnded } from '../../domain/history/session-history.ts';
import {
  type Key,
  type KeyRange,
  keys,
  type Page,
  type Pool,
  type Position,
  ranges,
  type Started,
  startedSort,
} from '../store/keys.ts';
import { readAll, readPage, type Table } from '../store/table.ts';

/** A list of ended activations, by their beginnings. */
export interface EndedList {
  /** Its parts, newest first. */
  parts: readonly KeyRange<EndedSession>[];
  /** The position between its parts. */
  between?: Position;
  /** Returns where an activation would stand on the list. */
  positionOf: (session: Started) => Position;
}

/**
 * Returns the lists that have all activations that were active at some time of a range, ended since, and others. Each duration
 * class is a list, so that a list has few activations of other times. Earlier releases stored one list, with copies of
 * the activations that were active at the beginning of a day.
 */
export const endedLists = (pool: Pool, range: TimeRange): EndedList[] => [
  ...durationClasses.map((durationClass) => ({
    parts: [ranges.endedSessions(pool, durationClass, startsOf(durationClass, range))],
    positionOf: (session: Started) => keys.endedSession(pool, session, durationClass),
  })),
  formerList(pool, range),
];

/** Returns the key of an ended activation. */
export const keyOfEnded = (pool: Pool, session: Started & { endedAt: number }): Key<EndedSession> =>
  keys.endedSession(pool, session, durationClassOf(session));

const formerList = (pool: Pool, { from, to }: TimeRange): EndedList => {
  const day = dayOf(from);
  return {
    parts: [ranges.formerEndedSessions(pool, { from: day, to }), ranges.formerCarriedSessions(pool, day)],
    between: keys.formerCarriedSession(pool, { startedAt: day, sessionId: '', fence: 0 }, day),
    positionOf: (session) =>
      session.startedAt < day ? keys.formerCarriedSession(pool, session, day) : keys.formerEndedSession(pool, session),
  };
};

/** Reads a page of a list, newest first: of the part that holds the position, or of the first one. */
export const readListPage = async (
  table: Table,
  { parts, between }: EndedList,
  { limit, after }: { limit: number; after?: Position },
): Promise<Page<EndedSession>> => {
  // The part may end before the position.
  const at = after ? parts.findIndex(({ from, to }) => from <= after.sk && after.sk <= to) : 0;
  const part = parts[at];
  if (!part) return { items: [] };
  const { items, next } = await readPage(table, part, { backwards: true, limit, after });
  return { items, next: next ?? (at + 1 < parts.length ? between : undefined) };
};

/** Reads all of a list: the given attributes alone. */
export const readList = async (
  table: Table,
  { parts }: EndedList,
  options: { only: readonly string[] },
): Promise<EndedSession[]> => (await Promise.all(parts.map((part) => readAll(table, part, options)))).flat();

/** Returns each activation once, with its earliest end: while an earlier end replaces a later one, both may be stored. */
export const earliestEnds = <S extends HistorySession>(sessions: readonly S[]): S[] => {
  const found = new Map<string, S>();
  for (const session of sessions) {
    const name = startedSort(session);
    const other = found.get(name);
    if (!other || endOf(session) < endOf(other)) found.set(name, session);
  }
  return [...found.values()];
};

const endOf = (session: HistorySession): number => (isEnded(session) ? session.endedAt : Infinity);
