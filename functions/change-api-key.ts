import { changeApiKey as contract } from '../shared/contracts/change-api-key.ts';
import { mayMakeKeysFor } from '../shared/domain/accounts/membership.ts';
import { notFound, orNotFound, Problem } from '../shared/http/problems/problem.ts';
import { apiKeyBody } from '../shared/http/responses/api-key.ts';
import { serve } from '../shared/http/serve.ts';
import { changeApiKey, readApiKey } from '../shared/table/accounts/api-keys.ts';
import { readMember } from '../shared/table/items/members.ts';

export const handler = serve(contract, async ({ path: { organizationId, keyId }, body, caller, table }) => {
  const apiKey = orNotFound(await readApiKey(table, organizationId, keyId));
  const member = await readMember(table, organizationId, apiKey.userId);
  if (!mayMakeKeysFor(caller.role, member?.role))
    throw new Problem('forbidden', 'Only an owner changes the key of an owner.');
  const changed = await changeApiKey(table, organizationId, keyId, body);
  if (changed === 'missing') throw notFound();
  const { name = apiKey.name, maxSessions = apiKey.maxSessions } = body;
  return { status: 200, body: apiKeyBody({ ...apiKey, name, maxSessions }) };
});
