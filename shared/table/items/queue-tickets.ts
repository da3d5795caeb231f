import type { Ticket } from '../../domain/queue.ts';
import { keys, type Pool, ranges } from '../store/keys.ts';
import { getItem, put, readAll, remove, type Table, update } from '../store/table.ts';

/** Reads every ticket of a pool, dead ones too, strongly consistent. */
export const readTickets = (table: Table, pool: Pool): Promise<Ticket[]> => readAll(table, ranges.tickets(pool));

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

/** Removes a ticket. A newer ticket of the session stays. */
export const removeTicket = async (table: Table, pool: Pool, ticket: Ticket): Promise<void> => {
  await remove(table, {
    Key: keys.ticket(pool, ticket.sessionId),
    ConditionExpression: thisTicket,
    ExpressionAttributeValues: ofTicket(ticket),
  });
};

/**
 * Removes a session's ticket if it is this member's.
 *
 * @returns whether there was one
 */
export const removeTicketOf = async (
  table: Table,
  pool: Pool,
  { sessionId, userId }: { sessionId: string; userId: string },
): Promise<boolean> => {
  const { done } = await remove(table, {
    Key: keys.ticket(pool, sessionId),
    ConditionExpression: 'userId = :userId',
    ExpressionAttributeValues: { ':userId': userId },
  });
  return done;
};

/**
 * Notes that a session left the queue, if its ticket is this member's. The ticket stays but counts no more: to leave again
 * gives the same answer, and no late poll revives the ticket.
 *
 * @returns whether there was one
 */
export const leaveQueue = async (
  table: Table,
  pool: Pool,
  { sessionId, userId }: { sessionId: string; userId: string },
  now: number,
): Promise<boolean> => {
  const { done } = await update(table, {
    Key: keys.ticket(pool, sessionId),
    UpdateExpression: 'SET aliveUntil = :never, leftAt = :now',
    ConditionExpression: 'userId = :userId',
    ExpressionAttributeValues: { ':userId': userId, ':never': 0, ':now': now },
  });
  return done;
};

/** Removes a ticket that counts no more, unless its session came back. */
export const removeDeadTicket = async (table: Table, pool: Pool, asRead: Ticket): Promise<void> => {
  await remove(table, {
    Key: keys.ticket(pool, asRead.sessionId),
    ConditionExpression: `${thisTicket} AND aliveUntil = :asRead`,
    ExpressionAttributeValues: { ...ofTicket(asRead), ':asRead': asRead.aliveUntil },
  });
};
