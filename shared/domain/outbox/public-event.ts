import { actorParts } from '../accounts/actor.ts';
import { utc } from '../activation.ts';
import type { AuditEvent } from '../history/audit.ts';

/**
 * An event as webhooks and the bus tell it: the fields of the API's audit events but for the actor's email address, and
 * whose it is.
 */
export const outwardEvent = ({ id, at, organizationId, action, actor, target, product, details }: AuditEvent) => {
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
