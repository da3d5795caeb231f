import { revokeApiKey as contract } from '../shared/contracts/revoke-api-key.ts';
import { manages } from '../shared/domain/principal.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { revokeApiKey } from '../shared/table/accounts/api-keys.ts';

export const handler = serve(contract, async ({ path, caller, table, now }) => {
  const userId = manages(caller) ? undefined : caller.userId;
  if ((await revokeApiKey(table, path.organizationId, path.keyId, { userId, now })) === 'missing') throw notFound();
  return { status: 204 };
});
