import { listSoldSubscriptions as contract } from '../shared/contracts/list-sold-subscriptions.ts';
import { nextLink, pageOfList } from '../shared/http/page.ts';
import { attachment } from '../shared/http/reports/content-disposition.ts';
import { csvFile } from '../shared/http/reports/csv.ts';
import { maxRows } from '../shared/http/reports/report.ts';
import {
  soldSubscriptionBody,
  soldSubscriptionColumns,
  soldSubscriptionRow,
} from '../shared/http/responses/sold-subscription.ts';
import { serve } from '../shared/http/serve.ts';
import { listSold } from '../shared/table/portfolio/sold-subscriptions.ts';

export const handler = serve(contract, async ({ query, table, now, prefers }) => {
  const { limit, cursor: _, ...filter } = query;
  const page = await pageOfList(table, contract, filter, query);
  const asFile = prefers('text/csv');
  const wanted = { filter, now, limit: asFile ? maxRows : limit, after: page.after };
  const sold = await listSold(table, wanted);
  const body = await page.answer(sold, (one) => soldSubscriptionBody(one, now));
  if (!asFile) return { status: 200, body };
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
  return {
    status: 200,
    mediaType: 'text/csv',
    headers: {
      'Content-Disposition': attachment(`Subscriptions_${day}.csv`),
      ...nextLink(contract, {}, { ...filter, cursor: body.nextCursor }),
    },
    body: csvFile(
      soldSubscriptionColumns,
      sold.items.map((one) => soldSubscriptionRow(one, now)),
    ),
  };
});
