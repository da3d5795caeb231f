import { deactivate } from '../shared/contracts/deactivate.ts';
import { manages } from '../shared/domain/accounts/principal.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { deactivateSession } from '../shared/table/removals/deactivate.ts';

export const handler = serve(deactivate, async ({ path, query, caller, table, now }) => {
  const { sessionId } = path;
  const request = { sessionId, userId: caller.userId, mayForce: manages(caller), fence: query.fence };
  if ((await deactivateSession(table, path, request, now)) === 'missing') throw notFound();
  return { status: 204 };
});
