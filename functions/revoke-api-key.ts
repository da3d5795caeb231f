import { revokeApiKey as contract } from '../shared/contracts/revoke-api-key.ts';
import { manages } from '../shared/domain/accounts/principal.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { revokeApiKey } from '../shared/table/accounts/api-keys.ts';
import { withdrawGrantsOfKey } from '../shared/table/accounts/withdraw-grants.ts';

export const handler = serve(contract, async ({ path, caller, table, now }) => {
  const userId = manages(caller) ? undefined : caller.userId;
  const outcome = await revokeApiKey(table, path.organizationId, path.keyId, { userId, now });
  if (outcome === 'missing') throw notFound();
  await withdrawGrantsOfKey(table, path.organizationId, path.keyId, now);
  return { status: 204 };
});
