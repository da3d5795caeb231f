import type { TimeRange } from '../../domain/dates.ts';
import { nameOfEvent } from '../../domain/history/activation-events.ts';
import { type AuditEvent, covers, type EventFilter, isWanted, vendorTrail } from '../../domain/history/audit.ts';
import { keys, type Page, type Pool, type Position, positionOfEvent, ranges } from '../store/keys.ts';
import { readAll, readItems, type Table } from '../store/table.ts';
import {
  type EventPosition,
  type EventSource,
  endedActivations,
  isNewer,
  liveActivations,
  storedEvents,
} from './event-sources.ts';

interface ListOptions extends TimeRange {
  filter: EventFilter;
  limit: number;
  after?: Position | undefined;
  /** The most items that the request reads, about. */
  most?: number;
}

/** The most items that one request of a list reads, and the most rounds of reads: a month of days without events. */
const mostItems = 5000;
const mostRounds = 32;

/** An event, and whether its trail stores it. */
interface Found {
  event: AuditEvent;
  isStored: boolean;
}

/**
 * Returns a page of a trail's events, newest first: an organization's, or the vendor's. Merges the stored events with the starts
 * and ends of activations, which the history tells. A request that reaches its bound returns what it found, and the next page
 * continues there: always further than it began, also if that takes more reads.
 *
 * @param options.from the earliest time, epoch ms
 * @param options.to before this time, epoch ms
 */
export const listEvents = async (table: Table, trail: string, options: ListOptions): Promise<Page<AuditEvent>> => {
  const { from, to, filter, limit, most = mostItems } = options;
  const given = options.after && positionOfEvent(options.after);
  const start = given && given.at < to ? given : { at: to, id: '' };
  // With all events of the time where the page begins: an earlier release may have stored one that the history tells, too.
  const range = { from, to: start.id === '' ? start.at : start.at + 1, most };
  if (range.from >= range.to) return { items: [] };
  const found: Found[] = [];
  const add = (events: readonly AuditEvent[], isStored: boolean) => {
    for (const event of events)
      if (event.at >= range.from && event.at < range.to && isWanted(event, filter)) found.push({ event, isStored });
  };
  const pools = trail === vendorTrail ? [] : await poolsOf(table, trail, filter);
  // In this order: `readLiveClaims`.
  const live = await Promise.all(pools.map((pool) => liveActivations(table, pool, range)));
  const sources: EventSource[] = [
    storedEvents(table, trail, range),
    ...live,
    ...pools.flatMap((pool) => endedActivations(table, pool, range)),
  ];
  let behind = sources;
  let count = 0;
  for (let round = 1; ; round++) {
    await Promise.all(
      behind.map(async (source) => {
        const { events, items } = await source.read();
        add(events, source.isStored);
        count += items;
      }),
    );
    const floor = newestOf(sources.flatMap(({ floor }) => floor ?? []));
    const known = once(found)
      .filter((event) => isNewer(start, event) && !(floor && isNewer(floor, event)))
      .sort((a, b) => (isNewer(a, b) ? -1 : 1));
    const isFull = count >= most || round >= mostRounds;
    if (!floor || known.length >= limit || (isFull && floor.at < start.at)) {
      const items = known.slice(0, limit);
      const last = known.length > limit ? items.at(-1) : floor;
      return { items, ...(last && { next: keys.auditEvent(trail, last.at, last.id) }) };
    }
    behind = sources.filter((source) => source.floor && !isNewer(floor, source.floor));
  }
};

/** Returns the pools whose history has events that the filter may want. */
const poolsOf = async (
  table: Table,
  organizationId: string,
  { action = '*', product, target }: EventFilter,
): Promise<Pool[]> => {
  if (!covers(action, 'activation.started') && !covers(action, 'activation.ended')) return [];
  const products =
    product === undefined
      ? (await readAll(table, ranges.subscriptions(organizationId))).map((each) => each.product)
      : [product];
  const pools = products.map((each) => ({ organizationId, product: each }));
  if (target === undefined) return pools;
  // A session's record is kept as long as its history.
  const recordOf = (pool: Pool) => keys.session(pool, target);
  const records = await readItems(table, pools.map(recordOf));
  return pools.filter((pool) => records.get(recordOf(pool)));
};

const newestOf = (positions: readonly EventPosition[]): EventPosition | undefined =>
  positions.reduce<EventPosition | undefined>(
    (newest, each) => (newest && isNewer(newest, each) ? newest : each),
    undefined,
  );

/**
 * Returns each event once: as it was stored, or with the earliest time, as the history has it in the end. Functions of an
 * earlier release may have stored an event while the service was updated.
 */
const once = (found: readonly Found[]): AuditEvent[] => {
  const kept = new Map<string, Found>();
  for (const each of found) {
    const name = nameOfEvent(each.event);
    const other = kept.get(name);
    const isBetter = !other || (each.isStored === other.isStored ? each.event.at < other.event.at : each.isStored);
    if (isBetter) kept.set(name, each);
  }
  return [...kept.values()].map(({ event }) => event);
};
