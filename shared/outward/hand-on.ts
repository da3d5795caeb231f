import { isQueued } from '../domain/attempts.ts';
import type { AuditEvent } from '../domain/audit.ts';
import type { Delivery } from '../domain/webhook.ts';
import { eventOf } from '../table/events.ts';
import { kindOfItem } from '../table/keys.ts';
import type { Change } from '../table/plan.ts';
import { type AttemptOrder, orderOf } from './deliver.ts';

/** Where changes are handed on to; what is absent gets nothing. */
export interface Outside {
  queue?: (order: AttemptOrder) => Promise<void>;
  bus?: (event: AuditEvent) => Promise<void>;
}

/**
 * Hands on what the outside gets to know of a change: an attempt that a delivery asks for goes to the queue, an event to
 * the bus. It throws if that failed, so that the stream tells this change again, and it alone.
 */
export const handOn = async ({ queue, bus }: Outside, change: Change): Promise<void> => {
  const { before, after } = change;
  if (queue && after && kindOfItem(after) === 'DELIVERY') {
    const delivery = after as unknown as Delivery;
    if (isQueued(before as unknown as Delivery | undefined, delivery)) await queue(orderOf(delivery));
  }
  const event = bus && eventOf(change);
  if (event) await bus(event);
};
