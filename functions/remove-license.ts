import { removeLicense as contract } from '../shared/contracts/remove-license.ts';
import { dayMs } from '../shared/domain/dates.ts';
import { licenseUsed } from '../shared/http/problems/grant-problem.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { removeLicense } from '../shared/table/licensed-users/remove-license.ts';

export const handler = serve(contract, async ({ path, query: { ifUnusedForDays: days }, table, now }) => {
  const unusedSince = days === undefined ? undefined : now - days * dayMs;
  const outcome = await removeLicense(table, path, path.userId, now, { unusedSince });
  if (outcome === 'missing') throw notFound();
  if (outcome === 'used') throw licenseUsed(path.userId, days);
  return { status: 204 };
});
