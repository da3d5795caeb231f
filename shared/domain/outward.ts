import type * as z from 'zod';
import type { AuditEvent as AuditEventBody } from '../contracts/schemas/audit-event.ts';
import { utc } from './activation.ts';
import type { Actor } from './actor.ts';
import type { AuditEvent } from './audit.ts';

/** The actor as the API tells it, without the email address, which is the API's to look up. */
const actorBody = (actor: Actor): z.input<typeof AuditEventBody>['actor'] => {
  const [type, id = '', userId] = actor.split('#');
  return { type: type as z.input<typeof AuditEventBody>['actor']['type'], id, ...(userId && { userId }) };
};

/** An event as webhooks and the bus tell it: the fields of the API's audit events, and whose it is. */
export const outwardEvent = ({ id, at, organizationId, action, actor, target, product, details }: AuditEvent) => ({
  id,
  at: utc(at),
  organizationId,
  action,
  actor: actorBody(actor),
  target,
  ...(product !== undefined && { product }),
  details,
});
