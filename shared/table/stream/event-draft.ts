import type { Actor } from '../../domain/accounts/actor.ts';
import { type AuditEvent, trailsOf, vendorTrail } from '../../domain/history/audit.ts';
import type { Change } from './change.ts';

/** The event of a change, without the fields that every event gets from its change. */
export type EventDraft = Pick<AuditEvent, 'action' | 'target' | 'details'> & {
  /** The time of the event, if an item has it (epoch ms). Default: the stream's time of the change. */
  at?: number;
  /** The ID of an event that the history also tells. Default: the ID of the change. */
  id?: string;
  /** Default: the actor of the change. */
  actor?: Actor;
};

const isOfProduct = ({ type }: EventDraft['target']) => type === 'subscription' || type === 'product';

/** Completes the event of a change. One that belongs to no organization is in the vendor's trail. */
export const completeEvent = (
  { id, at, pool: { organizationId, product }, actor }: Pick<Change, 'id' | 'at' | 'pool' | 'actor'>,
  draft: EventDraft,
): AuditEvent => {
  const { action, target, details } = draft;
  return {
    id: draft.id ?? id,
    at: draft.at ?? at,
    organizationId: organizationId || vendorTrail,
    action,
    actor: draft.actor ?? actor,
    target,
    ...(isOfProduct(target) ? { product: target.id } : product !== '' && { product }),
    details: Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)),
  };
};

/** Returns the trails that store the event of a change. A reader of the organization's trail derives the events of the history. */
export const storedTrailsOf = ({ id }: Pick<Change, 'id'>, event: AuditEvent): string[] =>
  trailsOf(event).filter((trail) => event.id === id || trail === vendorTrail);

/** Returns the values that changed, before and after; undefined if none did. */
export const changedValues = (before: Record<string, unknown>, after: Record<string, unknown>) => {
  const changed = Object.keys(after).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
  if (changed.length === 0) return undefined;
  const only = (all: Record<string, unknown>) => Object.fromEntries(changed.map((name) => [name, all[name]]));
  return { before: only(before), after: only(after) };
};
