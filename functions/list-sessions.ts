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
  const subscription = await readSubscription(table, path);
  if (!organization || !subscription) throw notFound();

  const asFile = prefers('text/csv');
  const { userId, machineId } = asked;
  const wanted = { range, userId, machineId, limit: asFile ? maxRows : limit, after: page.after };
  const { items, next } = await listHistory(table, path, wanted);
  const current = (await withCurrentState(table, subscription, items, now)).filter((one) =>
    overlaps(one.session, range),
  );
  const userIds = current.map(({ session }) => session.userId);
  const members = await readEverMembers(table, path.organizationId, userIds);
  const memberOf = ({ session }: CurrentSession) => members.get(session.userId);
  const bodyOf = (one: CurrentSession) => sessionBody(path.product, one, memberOf(one), now);
  const body = await page.answer({ items: current, next }, bodyOf);
  if (!asFile) return { status: 200, body };
  return reportFile(table, listSessions, {
    name: 'sessions',
    now,
    title: 'License Utilization',
    organization,
    range,
    path,
    asked,
    nextCursor: body.nextCursor,
    columns: sessionColumns,
    rows: current.map((one) => sessionRow(one, memberOf(one), now)),
  });
});
