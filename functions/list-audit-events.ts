import { listAuditEvents as contract } from '../shared/contracts/list-audit-events.ts';
import { actorParts } from '../shared/domain/accounts/actor.ts';
import { pageOfList } from '../shared/http/page.ts';
import { eventRange } from '../shared/http/reports/event-range.ts';
import { auditEventBody } from '../shared/http/responses/audit-event.ts';
import { serve } from '../shared/http/serve.ts';
import { readEverMembers } from '../shared/table/items/members.ts';
import { listEvents } from '../shared/table/reports/list-events.ts';

export const handler = serve(contract, async ({ path, query, table, now }) => {
  const { organizationId } = path;
  const { limit, cursor, ...narrowed } = query;
  const page = await pageOfList(table, contract, { organizationId, ...narrowed }, { limit, cursor });
  const events = await listEvents(table, organizationId, { ...eventRange(query, now), filter: query, ...page });
  const actors = events.items.flatMap(({ actor }) => actorParts(actor).userId ?? []);
  const members = await readEverMembers(table, organizationId, actors);
  const emailOf = (userId: string) => members.get(userId)?.email;
  return { status: 200, body: await page.answer(events, (event) => auditEventBody(event, emailOf)) };
});
