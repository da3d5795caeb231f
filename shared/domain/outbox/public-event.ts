import { actorParts } from '../accounts/actor.ts';
import { utc } from '../activation.ts';
import type { AuditEvent } from '../history/audit.ts';

/**
 * Returns an audit event as webhooks and the event bus send it: with the fields of the API's audit events and the
 * organization ID, but without the actor's email address.
 */
export const publicEvent = ({ id, at, organizationId, action, actor, target, product, details }: AuditEvent) => {
  const { type, id: actorId, userId } = actorParts(actor);
  return {
    id,
    at: utc(at),
    organizationId,
    action,
    actor: { type, id: actorId, ...(type === 'api-key' && { userId }) },
    target,
    ...(product !== undefined && { product }),
    details,
  };
};
