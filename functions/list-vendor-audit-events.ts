import { listVendorAuditEvents as contract } from '../shared/contracts/list-vendor-audit-events.ts';
import { vendorTrail } from '../shared/domain/history/audit.ts';
import { pageOfList } from '../shared/http/page.ts';
import { eventRange } from '../shared/http/reports/event-range.ts';
import { auditEventBody } from '../shared/http/responses/audit-event.ts';
import { serve } from '../shared/http/serve.ts';
import { listEvents } from '../shared/table/reports/list-events.ts';

export const handler = serve(contract, async ({ query, table, now }) => {
  const { limit, cursor, ...narrowed } = query;
  const page = await pageOfList(table, contract, narrowed, { limit, cursor });
  const events = await listEvents(table, vendorTrail, { ...eventRange(query, now), filter: query, ...page });
  const body = await page.answer(events, (event) => ({
    ...auditEventBody(event, () => undefined),
    ...(event.organizationId !== vendorTrail && { organizationId: event.organizationId }),
  }));
  return { status: 200, body };
});
