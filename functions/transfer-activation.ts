import { transferActivation as contract } from '../shared/contracts/transfer-activation.ts';
import { liveActivation } from '../shared/domain/activation.ts';
import { activationProblem, offlineLicenseActive } from '../shared/http/problems/activation-problem.ts';
import { invalid } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { transferSession } from '../shared/table/activations/transfer-session.ts';

export const handler = serve(contract, async ({ path, body, table, now }) => {
  const { product, sessionId } = path;
  const result = await transferSession(table, path, { sessionId, machineId: body.machineId });
  switch (result.outcome) {
    case 'transferred':
      return { status: 200, body: liveActivation(result.subscription, result.seat) };
    case 'per-user':
      throw invalid('/path/product', `the licenses of ${product} belong to users: transfer a user’s license instead`);
    case 'offline':
      throw offlineLicenseActive(result.machineId, result.until);
    default:
      throw activationProblem(result, { product, sessionId, includeHolders: false, now });
  }
});
