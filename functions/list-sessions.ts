import { listSessions } from '../shared/contracts/list-sessions.ts';
import { overlaps } from '../shared/domain/history/session-history.ts';
import { pageOfList } from '../shared/http/page.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { maxRows, rangeOf, reportFile } from '../shared/http/reports/report.ts';
import { sessionBody, sessionColumns, sessionRow } from '../shared/http/responses/session.ts';
import { serve } from '../shared/http/serve.ts';
import { readOrganization } from '../shared/table/accounts/organizations.ts';
import { readEverMembers } from '../shared/table/items/members.ts';
import { readSubscription } from '../shared/table/items/subscriptions.ts';
import { listHistory } from '../shared/table/reports/list-sessions.ts';
import { type CurrentSession, withCurrentState } from '../shared/table/reports/live-sessions.ts';

export const handler = serve(listSessions, async ({ path, query, table, now, prefers }) => {
  const { limit, cursor: _, ...asked } = query;
  const range = rangeOf(asked, now);
  const page = await pageOfList(table, listSessions, { ...path, ...asked }, query);
  const organization = await readOrganization(table, path.organizationId);
  if (!organization || !(await readSubscription(table, path))) throw notFound();

  const asFile = prefers('text/csv');
  const { userId, machineId } = asked;
  const wanted = { range, userId, machineId, limit: asFile ? maxRows : limit, after: page.after };
  const { sessions, next } = await listHistory(table, path, wanted);
  const current = (await withCurrentState(table, path, sessions, now)).filter((one) => overlaps(one.session, range));
  const userIds = current.map(({ session }) => session.userId);
  const members = await readEverMembers(table, path.organizationId, userIds);
  const memberOf = ({ session }: CurrentSession) => members.get(session.userId);
  const { items, nextCursor } = await page.answer(current, next);
  if (!asFile)
    return {
      status: 200,
      body: { items: items.map((item) => sessionBody(path.product, item, memberOf(item), now)), nextCursor },
    };
  return reportFile(table, listSessions, {
    name: 'sessions',
    now,
    title: 'License Utilization',
    organization,
    range,
    path,
    asked,
    nextCursor,
    columns: sessionColumns,
    rows: items.map((item) => sessionRow(item, memberOf(item), now)),
  });
});
