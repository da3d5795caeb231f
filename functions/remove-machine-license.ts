import { removeMachineLicense as contract } from '../shared/contracts/remove-machine-license.ts';
import { offlineLicenseActive } from '../shared/http/problems/activation-problem.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { removeMachineLicense } from '../shared/table/removals/remove-machine.ts';

export const handler = serve(contract, async ({ path, table, now }) => {
  const result = await removeMachineLicense(table, path, path.machineId, now);
  if (result.outcome === 'missing') throw notFound();
  if (result.outcome === 'offline') throw offlineLicenseActive(path.machineId, result.until);
  return { status: 204 };
});
