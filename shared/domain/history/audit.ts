import type { AuditAction, AuditTargetType } from '../../contracts/schemas/audit-event.ts';
import { type Actor, actorParts } from '../accounts/actor.ts';

/** One change in an organization, recorded once. `docs/audit.md` has an example of each action. */
export interface AuditEvent {
  /** Derived from the change, so that processing the change again gives the same ID. */
  id: string;
  /** When the change happened, epoch ms. */
  at: number;
  /** `vendorTrail` if the change belongs to no organization. */
  organizationId: string;
  action: AuditAction;
  actor: Actor;
  target: { type: AuditTargetType; id: string };
  product?: string;
  /** The fields depend on the action. Times are ISO 8601, as in every answer. No secrets, no hashes. */
  details: Record<string, unknown>;
}

/** The vendor's own trail, in place of an organization's ID. */
export const vendorTrail = 'vendor';

/** Returns the trails that an event is in: its organization's, and the vendor's if the vendor did it. */
export const trailsOf = ({ organizationId, actor }: Pick<AuditEvent, 'organizationId' | 'actor'>): string[] =>
  `${actor}`.startsWith('vendor#') ? [...new Set([organizationId, vendorTrail])] : [organizationId];

/** Returns whether a pattern covers an action: `*`, `<noun>.*`, or the action itself. */
export const covers = (pattern: string, action: string): boolean =>
  pattern === '*' || pattern === action || (pattern.endsWith('.*') && action.startsWith(pattern.slice(0, -1)));

/** The filters of a list of events. */
export interface EventFilter {
  /** The ID of a user, an API key, a vendor's sign-in or a part of the service. A user's ID also matches its API keys. */
  actor?: string;
  /** An action, `<noun>.*` or `*`. */
  action?: string;
  product?: string;
  target?: string;
}

/** Returns whether an event matches all filters. */
export const isWanted = (event: AuditEvent, { actor, action, product, target }: EventFilter): boolean => {
  const { id, userId } = actorParts(event.actor);
  return (
    (actor === undefined || actor === id || actor === userId) &&
    (action === undefined || covers(action, event.action)) &&
    (product === undefined || product === event.product) &&
    (target === undefined || target === event.target.id)
  );
};
