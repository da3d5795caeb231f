import { auditQuery } from './list-audit-events.ts';
import { operation } from './operation.ts';
import { AuditEvent } from './schemas/audit-event.ts';
import { pageOf } from './schemas/primitives.ts';
import { VendorEventPattern } from './schemas/webhook.ts';
import { signsCursors } from './table-grant.ts';

export const listVendorAuditEvents = operation({
  name: 'listVendorAuditEvents',
  method: 'GET',
  path: '/v1/audit-events',
  tag: 'Reports',
  summary: 'List the vendor’s audit events',
  description:
    'Newest first: each change of the catalogue, and each change that the vendor made in an organization, a few seconds after ' +
    'it. `actor` is the subject of a sign-in. A page may have fewer events than asked for, or none, and still a ' +
    '`nextCursor`: go on with it.',
  access: { to: 'vendor' },
  input: { query: auditQuery.extend({ action: VendorEventPattern.optional() }) },
  answers: { 200: { description: 'A page of events.', body: pageOf(AuditEvent) } },
  table: { AUDIT: ['Query'], ...signsCursors },
  impact: 'The vendor cannot read its audit events; they are kept all the same, and licensing itself works.',
});
