import pMap from 'p-map';
import type { EndedReason } from '../../contracts/schemas/activation.ts';
import { mayComeBack, previousEnds, type Session } from '../../domain/holder-record.ts';
import { isDead, type Ticket } from '../../domain/queue.ts';
import type { HeldSeat } from '../../domain/seat.ts';
import { putRecord } from '../items/holder-records.ts';
import { readTickets, removePlace } from '../items/queue-tickets.ts';
import { readSession } from '../items/sessions.ts';
import { forceEnd } from '../session-ends/force-end.ts';
import { readSessionHold, settleLapse } from '../session-ends/lapse.ts';
import { keys, type Pool } from '../store/keys.ts';
import { repeatUntilSettled } from '../store/retry.ts';
import type { Table } from '../store/table.ts';

/**
 * Takes a waiting session out of the queue, against its user's will: writes its record as ended with the reason, then removes
 * its place. So its user learns the reason at the next poll and can't come back, and a claim in flight can't be recorded.
 *
 * @returns the seat that the session got meanwhile, which took it out of the queue: the caller ends that session instead
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
      await removePlace(table, pool, ticket);
      return { seat: settled.seat };
    }
    // Another decision came first: its reason stays, and only the ticket is left to remove.
    if (asRead?.endedReason && !mayComeBack(asRead.endedReason)) {
      await removePlace(table, pool, ticket);
      return {};
    }
    const ended: Session = {
      status: 'ended',
      // The session never had a seat. The next claim's fence is still larger than any before.
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
      endedBy: table.actor,
      previous: previousEnds(asRead, now),
    };
    if ((await putRecord(table, keys.session(pool, sessionId), ended, asRead)) === 'lost') return undefined;
    await removePlace(table, pool, ticket);
    return {};
  });
  return seat;
};

/** Reads the tickets with which a member, or a machine, waits for a pool's seats. */
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

/** Takes each of these out of the queue, and ends a session that got a seat meanwhile. */
export const forceAllToLeave = (
  table: Table,
  pool: Pool,
  waiting: readonly Ticket[],
  end: { reason: EndedReason; now: number },
) =>
  pMap(
    waiting,
    async (ticket) => {
      const seat = await forceLeave(table, pool, ticket, end);
      // By then another member may have the session ID.
      const isTheirs = seat?.hold.userId === ticket.userId && seat.hold.machineId === ticket.machineId;
      if (isTheirs) await forceEnd(table, pool, seat, end);
    },
    { concurrency: 10 },
  );
