import type { Entry, Ticket } from '../../domain/queue.ts';
import { keys, type Page, type Pool, ranges } from '../store/keys.ts';
import { getItem, put, readAll, readPage, remove, type Table, update } from '../store/table.ts';
import { removeEntry } from './line-entries.ts';

/** Reads every ticket of a pool, dead ones too, strongly consistent. */
export const readTickets = (table: Table, pool: Pool): Promise<Ticket[]> => readAll(table, ranges.tickets(pool));

/** Reads up to `limit` tickets, dead ones too, from a session ID on, eventually consistent. */
export const readSomeTickets = (
  table: Table,
  pool: Pool,
  { from, limit }: { from: string | undefined; limit: number },
): Promise<Page<Ticket>> =>
  readPage(table, ranges.tickets(pool), {
    limit,
    consistent: false,
    ...(from !== undefined && { after: keys.ticket(pool, from) }),
  });

/** Reads a session's ticket, also a dead one, strongly consistent. */
export const readTicket = (table: Table, pool: Pool, sessionId: string): Promise<Ticket | undefined> =>
  getItem(table, keys.ticket(pool, sessionId));

/**
 * Puts a ticket, unless the session has one that is alive at `ticket.arrivedAt`.
 *
 * @returns the current ticket: this one, or the live one
 */
export const putTicket = async (table: Table, pool: Pool, ticket: Ticket): Promise<Ticket> => {
  const { done, item } = await put(table, {
    Item: { ...keys.ticket(pool, ticket.sessionId), ...ticket },
    ConditionExpression: 'attribute_not_exists(pk) OR aliveUntil <= :now',
    ExpressionAttributeValues: { ':now': ticket.arrivedAt },
  });
  return done || !item ? ticket : item;
};

const thisTicket = 'arrivedAt = :arrivedAt AND userId = :userId';
const ofTicket = ({ arrivedAt, userId }: Ticket) => ({ ':arrivedAt': arrivedAt, ':userId': userId });

/**
 * Sets until when a ticket counts (epoch ms), if the ticket is as it was read: a late write takes nothing from a ticket that
 * was renewed since.
 *
 * @param asRead the ticket as it was read
 * @returns the current ticket; undefined if it is gone, its session left, or another took its place
 */
export const renewTicket = async (
  table: Table,
  pool: Pool,
  asRead: Ticket,
  aliveUntil: number,
): Promise<Ticket | undefined> => {
  const { item: now } = await update(table, {
    Key: keys.ticket(pool, asRead.sessionId),
    UpdateExpression: 'SET aliveUntil = :until',
    ConditionExpression: `${thisTicket} AND aliveUntil = :asRead`,
    ExpressionAttributeValues: { ...ofTicket(asRead), ':until': aliveUntil, ':asRead': asRead.aliveUntil },
  });
  const isThis = now?.arrivedAt === asRead.arrivedAt && now.userId === asRead.userId && now.leftAt === undefined;
  return isThis ? now : undefined;
};

/**
 * Removes a session's place: the entry in the line, then the ticket. A newer place of the session stays.
 *
 * @returns the newer ticket, if there is one
 */
export const removePlace = async (table: Table, pool: Pool, ticket: Ticket): Promise<Ticket | undefined> => {
  await removeEntry(table, pool, ticket);
  const { done, item } = await remove(table, {
    Key: keys.ticket(pool, ticket.sessionId),
    ConditionExpression: thisTicket,
    ExpressionAttributeValues: ofTicket(ticket),
  });
  return done ? undefined : item;
};

/** Removes a session's place if it is this member's. */
export const removePlaceOf = async (
  table: Table,
  pool: Pool,
  { sessionId, userId }: { sessionId: string; userId: string },
): Promise<void> => {
  const ticket = await readTicket(table, pool, sessionId);
  if (ticket?.userId === userId) await removePlace(table, pool, ticket);
};

/**
 * Notes that a session left the queue, if its ticket is this member's, then removes its entry in the line. The ticket stays but
 * counts no more: to leave again gives the same answer, and no late poll revives the place.
 *
 * @returns whether there was one
 */
export const leaveQueue = async (
  table: Table,
  pool: Pool,
  { sessionId, userId }: { sessionId: string; userId: string },
  now: number,
): Promise<boolean> => {
  const { done, item } = await update(table, {
    Key: keys.ticket(pool, sessionId),
    UpdateExpression: 'SET aliveUntil = :never, leftAt = :now',
    ConditionExpression: 'userId = :userId',
    ExpressionAttributeValues: { ':userId': userId, ':never': 0, ':now': now },
  });
  if (done && item) await removeEntry(table, pool, item);
  return done;
};

/** Removes the ticket of an entry, or of a ticket, that counts no more, unless its session came back, or has just left. */
export const removeDeadTicket = async (
  table: Table,
  pool: Pool,
  asRead: Entry & Pick<Ticket, 'leftAt'>,
): Promise<void> => {
  await remove(table, {
    Key: keys.ticket(pool, asRead.sessionId),
    ConditionExpression: `arrivedAt = :arrivedAt AND aliveUntil <= :asRead AND ${asRead.leftAt === undefined ? 'attribute_not_exists(leftAt)' : 'leftAt = :leftAt'}`,
    ExpressionAttributeValues: {
      ':arrivedAt': asRead.arrivedAt,
      ':asRead': asRead.aliveUntil,
      ':leftAt': asRead.leftAt,
    },
  });
};
