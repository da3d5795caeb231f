import { operation } from './operation.ts';
import { AuditEvent } from './schemas/audit-event.ts';
import { GivenTime, ProductCode, pageOf, pageQuery, Text } from './schemas/primitives.ts';
import { EventPattern } from './schemas/webhook.ts';
import { signsCursors } from './table-grant.ts';

/** An ID of any kind: of a user, a session, a product and so on. */
const AnyId = Text.min(1).max(254);

/** The range and the filters that every list of audit events has. */
export const auditQuery = pageQuery.extend({
  from: GivenTime.optional().meta({ description: 'From then on. Default: 30 days before `to`.' }),
  to: GivenTime.optional().meta({ description: 'Before then; at most 400 days after `from`. Default: now.' }),
  actor: AnyId.optional().meta({
    description: 'The actor, by its ID: a user (also through API keys), an API key.',
  }),
  product: ProductCode.optional(),
  target: AnyId.optional().meta({ description: 'The target, by its ID: a user, a session, a product.' }),
});

export const listAuditEvents = operation({
  name: 'listAuditEvents',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/audit-events',
  tag: 'Reports',
  summary: 'What happened, and who did it',
  description:
    'Newest first. Each change of the organization, its people, subscriptions, licenses and machines is one event, told ' +
    'a few seconds after it. Filters compare exactly. A page may have fewer events than asked for, or none, and still a ' +
    '`nextCursor`: go on with it.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full' },
  input: {
    query: auditQuery.extend({ action: EventPattern.optional() }),
  },
  answers: { 200: { description: 'A page of events.', body: pageOf(AuditEvent) } },
  table: {
    AUDIT: ['Query'],
    ORG: ['BatchGetItem', 'Query'],
    POOL: ['Query'],
    HISTORY: ['Query'],
    SESSION: ['BatchGetItem'],
    ...signsCursors,
  },
  impact: 'The audit events cannot be read; they are kept all the same, and licensing itself works.',
});
