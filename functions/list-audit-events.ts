import { listAuditEvents as contract } from '../shared/contracts/list-audit-events.ts';
import { actorParts } from '../shared/domain/accounts/actor.ts';
import { dayMs } from '../shared/domain/dates.ts';
import { pageOfList } from '../shared/http/page.ts';
import { invalid } from '../shared/http/problems/problem.ts';
import { auditEventBody } from '../shared/http/responses/audit-event.ts';
import { serve } from '../shared/http/serve.ts';
import { listEvents } from '../shared/table/history/audit-events.ts';
import { readEverMembers } from '../shared/table/items/members.ts';

export const handler = serve(contract, async ({ path, query, table, now }) => {
  const { organizationId } = path;
  const { limit, cursor, ...narrowed } = query;
  const page = await pageOfList(table, contract, { organizationId, ...narrowed }, { limit, cursor });
  // Include the events of this millisecond.
  const to = query.to === undefined ? now + 1 : Date.parse(query.to);
  const from = query.from === undefined ? Math.max(0, to - 30 * dayMs) : Date.parse(query.from);
  if (to - from > 400 * dayMs) throw invalid('/query/from', 'is more than 400 days before `to`: ask in parts');
  const events = await listEvents(table, organizationId, { from, to, filter: query, ...page });
  const actors = events.items.flatMap(({ actor }) => actorParts(actor).userId ?? []);
  const members = await readEverMembers(table, organizationId, actors);
  const emailOf = (userId: string) => members.get(userId)?.email;
  return { status: 200, body: await page.answer(events, (event) => auditEventBody(event, emailOf)) };
});
