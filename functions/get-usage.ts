import { getUsage } from '../shared/contracts/get-usage.ts';
import { quotaIn } from '../shared/domain/history/quotas.ts';
import { pageOfList } from '../shared/http/page.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { maxRows, rangeOf, reportFile } from '../shared/http/reports/report.ts';
import { usageBody, usageColumns, usageRow } from '../shared/http/responses/usage.ts';
import { serve } from '../shared/http/serve.ts';
import { readOrganization } from '../shared/table/accounts/organizations.ts';
import { readQuotas } from '../shared/table/history/quotas.ts';
import { readSubscription } from '../shared/table/items/subscriptions.ts';
import { listUsage } from '../shared/table/reports/list-usage.ts';

export const handler = serve(getUsage, async ({ path, query, table, now, prefers }) => {
  const { limit, cursor: _, ...asked } = query;
  const range = rangeOf(asked, now);
  const page = await pageOfList(table, getUsage, { ...path, ...asked }, query);
  const organization = await readOrganization(table, path.organizationId);
  const subscription = organization && (await readSubscription(table, path));
  if (!subscription) throw notFound();

  const asFile = prefers('text/csv');
  const { items: intervals, next } = await listUsage(table, path, {
    range,
    granularity: asked.granularity,
    limit: asFile ? maxRows : limit,
    after: page.after,
    now,
  });
  const quotas = await readQuotas(table, path, range.to);
  const items = intervals.map((interval) => ({ ...interval, quota: quotaIn(quotas, interval, subscription.quota) }));
  const body = await page.answer({ items, next }, (item) => usageBody(item, now));
  if (!asFile) return { status: 200, body };
  return reportFile(table, getUsage, {
    name: 'usage',
    now,
    title: 'License Usage',
    organization,
    range,
    path,
    asked,
    nextCursor: body.nextCursor,
    columns: usageColumns,
    rows: items.map((item) => usageRow(item, now)),
  });
});
