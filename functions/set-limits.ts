import { setLimits as contract } from '../shared/contracts/set-limits.ts';
import { orNotFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { setLimits } from '../shared/table/accounts/organizations.ts';

export const handler = serve(contract, async ({ path, body, table }) => {
  const limits = orNotFound(await setLimits(table, path.organizationId, body));
  return { status: 200, body: limits };
});
