import { listApiKeys as contract } from '../shared/contracts/list-api-keys.ts';
import { manages } from '../shared/domain/accounts/principal.ts';
import { pageOfList } from '../shared/http/page.ts';
import { apiKeyBody } from '../shared/http/responses/api-key.ts';
import { serve } from '../shared/http/serve.ts';
import { listApiKeys } from '../shared/table/accounts/api-keys.ts';

export const handler = serve(contract, async ({ path, query, caller, table }) => {
  const userId = manages(caller) ? undefined : caller.userId;
  const page = await pageOfList(table, contract, { ...path, userId }, query);
  const apiKeys = await listApiKeys(table, path.organizationId, { ...page, userId });
  return { status: 200, body: await page.answer(apiKeys, apiKeyBody) };
});
