import { listRecoveries as contract } from '../shared/contracts/list-recoveries.ts';
import { pageOfList } from '../shared/http/page.ts';
import { recoveryBody } from '../shared/http/responses/recovery.ts';
import { serve } from '../shared/http/serve.ts';
import { listRecoveries } from '../shared/table/accounts/recoveries.ts';

export const handler = serve(contract, async ({ path, query, table, now }) => {
  const page = await pageOfList(table, contract, path, query);
  const recoveries = await listRecoveries(table, path.organizationId, { ...page, now });
  return { status: 200, body: await page.answer(recoveries, recoveryBody) };
});
