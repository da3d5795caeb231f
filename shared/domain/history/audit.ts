import type { AuditAction, AuditTargetType } from '../../contracts/schemas/audit-event.ts';
import { type Actor, actorParts } from '../accounts/actor.ts';

/** Something that happened to what belongs to an organization, told once. `docs/audit.md` has an example of each action. */
export interface AuditEvent {
  /** Of the change that it was derived from: the same however often that is told. */
  id: string;
  /** When it happened, epoch ms: the change's own time where it has one. */
  at: number;
  organizationId: string;
  action: AuditAction;
  actor: Actor;
  target: { type: AuditTargetType; id: string };
  product?: string;
  /** By action. As in every answer, times are ISO 8601; no secrets, no hashes. */
  details: Record<string, unknown>;
}

/** What a list of events is narrowed to: each exactly. */
export interface EventFilter {
  /** Who did it: a user, an API key, a vendor's sign-in or a part of the service. A user's also through its API keys. */
  actor?: string;
  action?: AuditAction;
  /** The id of what it happened to. */
  target?: string;
}

export const isWanted = (event: AuditEvent, { actor, action, target }: EventFilter): boolean => {
  const { id, userId } = actorParts(event.actor);
  return (
    (actor === undefined || actor === id || actor === userId) &&
    (action === undefined || action === event.action) &&
    (target === undefined || target === event.target.id)
  );
};
