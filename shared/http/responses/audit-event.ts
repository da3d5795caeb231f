import type * as z from 'zod';
import type { AuditEvent as Body } from '../../contracts/schemas/audit-event.ts';
import { actorParts } from '../../domain/accounts/actor.ts';
import { utc } from '../../domain/activation.ts';
import type { AuditEvent } from '../../domain/history/audit.ts';

/**
 * Returns an audit event as the API shows it.
 *
 * @param emailOf returns the email of a current or former member
 */
export const auditEventBody = (
  { id, at, action, actor, target, product, details }: AuditEvent,
  emailOf: (userId: string) => string | undefined,
): z.input<typeof Body> => {
  const { type, id: actorId, userId } = actorParts(actor);
  const email = userId === undefined ? undefined : emailOf(userId);
  return {
    id,
    at: utc(at),
    action,
    actor: { type, id: actorId, ...(type === 'api-key' && { userId }), ...(email !== undefined && { email }) },
    target,
    ...(product !== undefined && { product }),
    details,
  };
};
