import * as z from 'zod';
import { OrganizationId, UtcTime } from './primitives.ts';

/** The actions whose events belong to no organization, but to the vendor alone. */
const vendorActions = ['product.added', 'product.changed', 'product.removed'] as const;

/** The actions of audit events: `<noun>.<past participle>`. */
export const AuditAction = z
  .enum([
    'organization.created',
    'organization.limits-set',
    'member.added',
    'member.role-changed',
    'member.removed',
    'member.recovery-started',
    'member.recovery-consented',
    'member.recovery-cancelled',
    'member.recovery-completed',
    'invitation.created',
    'invitation.accepted',
    'invitation.revoked',
    'invitation.expired',
    'api-key.created',
    'api-key.changed',
    'api-key.revoked',
    'api-key.expired',
    'subscription.created',
    'subscription.changed',
    'subscription.expiring',
    'subscription.expired',
    'alert.set',
    'alert.raised',
    'license.granted',
    'license.transferred',
    'license.removed',
    'license.refused',
    'activation.started',
    'activation.transferred',
    'activation.ended',
    'offline-license.issued',
    'offline-license.downloaded',
    'offline-license.expired',
    'offline-license.voided',
    'machine.registered',
    'machine.removed',
    'webhook.created',
    'webhook.confirmed',
    'webhook.secret-rotated',
    'webhook.removed',
    'report.exported',
    'authentication.failed',
    'authorization.refused',
    ...vendorActions,
  ])
  .meta({ id: 'AuditAction' });
export type AuditAction = z.infer<typeof AuditAction>;

/** The actions of an organization's events. */
export const OrganizationAction = AuditAction.exclude(vendorActions);

/** The kinds of targets of audit events. */
export const AuditTargetType = z.enum([
  'organization',
  'member',
  'invitation',
  'api-key',
  'subscription',
  'licensed-user',
  'activation',
  'offline-license',
  'machine',
  'webhook',
  'report',
  'product',
]);
export type AuditTargetType = z.infer<typeof AuditTargetType>;

/** One event of the audit trail: which actor did what, when, to which target. */
export const AuditEvent = z
  .object({
    id: z.string().meta({ description: 'The same wherever this event is told.' }),
    at: UtcTime,
    action: AuditAction,
    actor: z
      .object({
        type: z.enum(['user', 'api-key', 'vendor', 'service']),
        id: z
          .string()
          .meta({ description: 'The ID of the user, the key or the vendor’s sign-in, or the part of the service.' }),
        userId: z.string().optional().meta({ description: 'The member that an API key acts as.' }),
        email: z.string().optional().meta({ description: 'The member’s address, also after its removal.' }),
      })
      .meta({ description: 'The actor.' }),
    target: z.object({ type: AuditTargetType, id: z.string() }),
    product: z.string().optional(),
    organizationId: OrganizationId.optional().meta({
      description: 'In the vendor’s list: the organization that it happened in, if any.',
    }),
    details: z.record(z.string(), z.unknown()).meta({ description: 'By action: docs/audit.md.' }),
  })
  .meta({ id: 'AuditEvent' });
