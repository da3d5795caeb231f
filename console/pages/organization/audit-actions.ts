import type { AuditAction } from '../../../client/index.ts';

/** All of them: what is missing here is a type error. */
const known: Record<AuditAction, true> = {
  'organization.created': true,
  'organization.limits-set': true,
  'member.added': true,
  'member.role-changed': true,
  'member.removed': true,
  'invitation.created': true,
  'invitation.accepted': true,
  'invitation.revoked': true,
  'invitation.expired': true,
  'api-key.created': true,
  'api-key.revoked': true,
  'api-key.expired': true,
  'subscription.created': true,
  'subscription.changed': true,
  'subscription.expiring': true,
  'subscription.expired': true,
  'license.granted': true,
  'license.transferred': true,
  'license.removed': true,
  'license.refused': true,
  'activation.started': true,
  'activation.transferred': true,
  'activation.ended': true,
  'offline-license.issued': true,
  'offline-license.downloaded': true,
  'offline-license.expired': true,
  'offline-license.voided': true,
  'machine.registered': true,
  'machine.removed': true,
  'webhook.created': true,
  'webhook.confirmed': true,
  'webhook.secret-rotated': true,
  'webhook.removed': true,
  'report.exported': true,
  'authentication.failed': true,
  'authorization.refused': true,
};

/** What audit events can tell. */
export const auditActions = Object.keys(known) as AuditAction[];
