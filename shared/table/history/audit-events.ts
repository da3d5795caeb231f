import { type AuditEvent, trailsOf } from '../../domain/history/audit.ts';
import { keys } from '../store/keys.ts';
import { put, type Table } from '../store/table.ts';

/**
 * Writes an event into trails: by default into all that it is in. Its keys derive from the event alone. So a repetition, even
 * at the same time, changes nothing.
 */
export const recordEvent = async (
  table: Table,
  event: AuditEvent,
  trails: readonly string[] = trailsOf(event),
): Promise<void> => {
  for (const trail of trails)
    await put(table, {
      Item: { ...keys.auditEvent(trail, event.at, event.id), event },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
};
