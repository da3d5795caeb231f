import { removeLicense as contract } from '../shared/contracts/remove-license.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { removeLicense } from '../shared/table/licensed-users/remove-license.ts';

export const handler = serve(contract, async ({ path, table, now }) => {
  if ((await removeLicense(table, path, path.userId, now)) === 'missing') throw notFound();
  return { status: 204 };
});
