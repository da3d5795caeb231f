import { randomUUID } from 'node:crypto';
import pMap from 'p-map';
import type { Appointment } from '../../domain/accounts/member.ts';
import { raiseRevision } from '../items/memberships.ts';
import { keys, ranges } from '../store/keys.ts';
import { put, readAll, remove, type Table } from '../store/table.ts';

/** After this time no request still gives the role of an appointment, ms. */
const isOverMs = 300_000;

/**
 * Gives a member a role in the name of the table's authority. The appointment is noted first. Then `give` reads the member, then
 * the caller's right, and writes the role if the member is as it was read. The end of a right comes before its look for
 * appointments. So either `give` reads that end, or `stopAppointments` finds the note and the write fails.
 */
export const appoint = async <R>(
  table: Table,
  { organizationId, userId, now }: { organizationId: string; userId: string; now: number },
  give: () => Promise<R>,
): Promise<R> => {
  const { authority } = table;
  if (!authority) return give();
  const appointment: Appointment = {
    id: randomUUID(),
    userId,
    by: authority.userId,
    keyId: authority.key?.id,
    at: now,
  };
  const key = keys.appointment(organizationId, appointment.id);
  await put(table, { Item: { ...key, ...appointment } });
  try {
    return await give();
  } finally {
    await remove(table, { Key: key });
  }
};

/** Stops the appointments that rest on an ended right. What crashed requests left goes, too. */
export const stopAppointments = async (
  table: Table,
  organizationId: string,
  { isEnded, now }: { isEnded: (appointment: Appointment) => boolean; now: number },
): Promise<void> => {
  const noted = await readAll(table, ranges.appointments(organizationId));
  const ended = noted.filter((appointment) => isEnded(appointment) || appointment.at + isOverMs < now);
  await pMap(ended, async ({ id, userId }) => {
    await raiseRevision(table, organizationId, userId);
    await remove(table, { Key: keys.appointment(organizationId, id) });
  });
};
