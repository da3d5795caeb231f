import type { Delivery } from '../domain/webhook.ts';
import { isQueued } from '../table/deliveries.ts';
import { kindOfItem } from '../table/keys.ts';
import type { Change } from '../table/plan.ts';
import { type AttemptOrder, orderOf } from './deliver.ts';

/** Where changes are handed on to; what is absent gets nothing. */
export interface Outside {
  queue?: (order: AttemptOrder) => Promise<void>;
}

/**
 * Hands on what the outside gets to know of a change: an attempt that a delivery asks for goes to the queue. It throws if
 * that failed, so that the stream tells this change again, and it alone.
 */
export const handOn = async ({ queue }: Outside, { before, after }: Change): Promise<void> => {
  if (!queue || !after || kindOfItem(after) !== 'DELIVERY') return;
  const delivery = after as unknown as Delivery;
  if (isQueued(before as unknown as Delivery | undefined, delivery)) await queue(orderOf(delivery));
};
