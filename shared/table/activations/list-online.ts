import { blockOf } from '../../domain/census.ts';
import { isRecordOf, type Session } from '../../domain/holder-record.ts';
import { isOnline, licenseUses } from '../../domain/license.ts';
import { type HeldSeat, holderId, holderKind, isHeld, type Seat, withHostname } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { isInBlocks, type Subscription, sessionEnd } from '../../domain/subscription.ts';
import { readLicensePage } from '../items/licenses.ts';
import { readSeatPage, readSeats } from '../items/read-seats.ts';
import { readSession } from '../items/sessions.ts';
import { readSessionHold, settleLapse } from '../session-ends/lapse.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { keys, type Page, type PageRequest, type Pool } from '../store/keys.ts';
import { repeatUntilSettled } from '../store/retry.ts';
import { readItems, type Table } from '../store/table.ts';

/** A session, and while it lives its seat. */
export interface FoundSession {
  session: Session;
  seat?: HeldSeat;
  subscription?: Subscription;
}

/**
 * Finds a session, also after its end. Closes a session whose lease has ended, so that the answer stays true.
 *
 * @param options.userId only if the session is this member's; otherwise nothing is closed
 */
export const findSession = async (
  table: Table,
  pool: Pool,
  sessionId: string,
  { userId, now }: { userId?: string; now: number },
): Promise<FoundSession | undefined> => {
  const found = await repeatUntilSettled(async (): Promise<FoundSession | 'missing' | undefined> => {
    const session = await readSession(table, pool, sessionId);
    if (!session || (userId !== undefined && session.userId !== userId)) return 'missing';
    if (session.status !== 'active') return { session };
    const { seat, subscription } = await readSessionHold(table, pool, session);
    const liveness = await settleLapse(table, pool, session, seat, { subscription, now });
    if (liveness.outcome === 'live') return { session, seat: withHostname(liveness.seat, session), subscription };
    // Superseded: the session was activated anew meanwhile.
    return liveness.outcome === 'ended' ? { session: liveness.session } : undefined;
  });
  return found === 'missing' ? undefined : found;
};

/** The most seats that one request of a list reads: some 150 read units. */
const seatsPerRequest = 2000;
const seatsPerRead = 100;

interface ListOptions extends PageRequest {
  /** Only this member's sessions. */
  userId?: string;
  now: number;
}

/** Reads a page of the seats of live sessions, by number or by licensed user. Leaves out claims without a record. */
export const listOnline = (table: Table, subscription: Subscription, options: ListOptions): Promise<Page<HeldSeat>> =>
  subscription.licenseType === 'per-user'
    ? listUsers(table, subscription, options)
    : listFloating(table, subscription, options);

const listUsers = (table: Table, subscription: Subscription, options: ListOptions) =>
  readFiltered(
    (after) => readLicensePage(table, subscription, { limit: 100, after }),
    (licenses) => {
      const wanted = licenses.filter(
        (license) =>
          isOnline(license, subscription, options.now) &&
          (options.userId === undefined || license.userId === options.userId),
      );
      return recorded(table, subscription, licenseUses(wanted));
    },
    ({ hold }) => keys.license(subscription, hold.userId),
    { ...options, most: seatsPerRequest },
  );

/** Returns whether a seat is that of a live session, and of the member if one is asked for. */
const isWantedSeat =
  (subscription: Subscription, { userId, now }: Pick<ListOptions, 'userId' | 'now'>) =>
  (seat: Seat): seat is HeldSeat =>
    isHeld(seat, now) &&
    holderKind(seat.hold.holder) === 'session' &&
    sessionEnd(seat.hold, subscription) > now &&
    (userId === undefined || seat.hold.userId === userId);

const listFloating = (table: Table, subscription: Subscription, options: ListOptions) => {
  const isWanted = isWantedSeat(subscription, options);
  return readFiltered(
    (after) => readSeatPage(table, subscription, { limit: seatsPerRead, after }),
    (seats) => recorded(table, subscription, seats.filter(isWanted)),
    ({ number }) => keys.seat(subscription, number, isInBlocks(subscription) ? blockOf(number, table.blockSize) : 1),
    { ...options, most: seatsPerRequest, mostReads: seatsPerRequest / seatsPerRead },
  );
};

/**
 * Reads the seats of a member's live sessions in a floating pool, at most `most`. The seats are in no order of members, so this
 * reads all of them, block by block.
 */
export const readOwnSeats = async (
  table: Table,
  subscription: Subscription,
  { most, ...options }: { userId: string; most: number; now: number },
): Promise<HeldSeat[]> => {
  const seats = await readSeats(table, subscription, [everySeat]);
  return recorded(table, subscription, seats.filter(isWantedSeat(subscription, options)).slice(0, most));
};

/** Returns the seats whose sessions are on record, with the host names that the records have. */
const recorded = async (table: Table, pool: Pool, seats: HeldSeat[]): Promise<HeldSeat[]> => {
  const recordKey = (seat: HeldSeat) => keys.session(pool, holderId(seat.hold.holder));
  const records = await readItems(table, seats.map(recordKey));
  return seats.flatMap((seat) => {
    const session = records.get(recordKey(seat));
    if (session?.status !== 'active') return [];
    if (isRecordOf(session, seat)) return [withHostname(seat, session)];
    return isMovedTo(session, seat) ? [seat] : [];
  });
};

/** Returns whether a move to another machine made this claim, and is not on record yet. */
const isMovedTo = ({ number, moving }: Session, seat: HeldSeat): boolean =>
  moving !== undefined && seat.number === number && seat.fence === moving.fence && seat.hold.claimId === moving.id;
