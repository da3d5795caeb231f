import type { EndedReason } from '../../contracts/schemas/activation.ts';
import { mayComeBack, previousEnds, type Session } from '../../domain/holder-record.ts';
import { isDead, type Ticket } from '../../domain/queue.ts';
import type { HeldSeat } from '../../domain/seat.ts';
import { putRecord } from '../items/holder-records.ts';
import { readTickets, removeTicket } from '../items/queue-tickets.ts';
import { readSession } from '../items/sessions.ts';
import { forceEnd } from '../session-ends/force-end.ts';
import { readSessionHold, settleLapse } from '../session-ends/lapse.ts';
import { inBatches } from '../store/batches.ts';
import { keys, type Pool } from '../store/keys.ts';
import { repeatUntilSettled } from '../store/retry.ts';
import type { Table } from '../store/table.ts';

/**
 * Takes a waiting session's place away, by somebody's decision: its record first, as ended with the reason, so that its
 * runner learns it at its next poll and can't come back; then its ticket. A claim that is in flight can't be recorded over
 * that any more.
 *
 * @returns the seat of one that has got one meanwhile, and has left the queue by that: it is to be ended instead
 */
export const forceLeave = async (
  table: Table,
  pool: Pool,
  ticket: Ticket,
  { reason, now }: { reason: EndedReason; now: number },
): Promise<HeldSeat | undefined> => {
  const { sessionId, userId, machineId, hostname } = ticket;
  const { seat } = await repeatUntilSettled(async (): Promise<{ seat?: HeldSeat } | undefined> => {
    const asRead = await readSession(table, pool, sessionId);
    if (asRead?.status === 'active') {
      const { seat, subscription } = await readSessionHold(table, pool, asRead);
      const settled = await settleLapse(table, pool, asRead, seat, { subscription, now });
      if (settled.outcome !== 'live') return undefined;
      await removeTicket(table, pool, ticket);
      return { seat: settled.seat };
    }
    // Another decision came first: its reason stays, and only the ticket is left to remove.
    if (asRead?.endedReason && !mayComeBack(asRead.endedReason)) {
      await removeTicket(table, pool, ticket);
      return {};
    }
    const ended: Session = {
      status: 'ended',
      // Of no seat: it never had one. The next claim's fence still is larger than that of any before.
      number: 0,
      fence: asRead?.fence ?? 0,
      revision: (asRead?.revision ?? 0) + 1,
      sessionId,
      userId,
      machineId,
      hostname,
      activatedAt: now,
      leaseSeconds: 0,
      endedReason: reason,
      endedAt: now,
      previous: previousEnds(asRead, now),
    };
    if ((await putRecord(table, keys.session(pool, sessionId), ended, asRead)) === 'lost') return undefined;
    await removeTicket(table, pool, ticket);
    return {};
  });
  return seat;
};

/** Those who wait for the seats of a pool as a member, or on a machine. */
export const readWaiting = async (
  table: Table,
  pool: Pool,
  whose: { userId: string } | { machineId: string },
  now: number,
): Promise<Ticket[]> =>
  (await readTickets(table, pool)).filter(
    (ticket) =>
      !isDead(ticket, now) &&
      ('userId' in whose ? ticket.userId === whose.userId : ticket.machineId === whose.machineId),
  );

/** Takes the places of all of these away, and of those that have got a seat meanwhile the seat. */
export const forceAllToLeave = (
  table: Table,
  pool: Pool,
  waiting: readonly Ticket[],
  end: { reason: EndedReason; now: number },
) =>
  inBatches(10, waiting, async (ticket) => {
    const seat = await forceLeave(table, pool, ticket, end);
    // By then it may be another's, who came by the same session ID.
    const isTheirs = seat?.hold.userId === ticket.userId && seat.hold.machineId === ticket.machineId;
    if (isTheirs) await forceEnd(table, pool, seat, end);
  });
