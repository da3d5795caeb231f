import { activate } from '../shared/contracts/activate.ts';
import { liveActivation } from '../shared/domain/activation.ts';
import { manages } from '../shared/domain/principal.ts';
import { notFound } from '../shared/http/problem.ts';
import { dryRunRefusal, refusal } from '../shared/http/refusal.ts';
import { serve } from '../shared/http/serve.ts';
import { newId } from '../shared/ids.ts';
import { foreseeStart, startActivation } from '../shared/table/activations.ts';

export const handler = serve(activate, async ({ path, body, caller, table, now, count }) => {
  const { machineId, hostname, sessionId = newId('ses') } = body;
  const request = { sessionId, machineId, hostname, userId: caller.userId };
  const context = { product: path.product, sessionId, tellHolders: manages(caller), now };

  if (body.dryRun) {
    const foreseen = await foreseeStart(table, path, request);
    if (foreseen.outcome === 'accepted') return { status: 200, body: { accepted: true } };
    if (foreseen.outcome === 'missing') throw notFound();
    return { status: 200, body: { accepted: false, ...dryRunRefusal(foreseen, context) } };
  }

  const result = await startActivation(table, path, request);
  if (result.races > 0) count('LostRaces', result.races);
  if (result.outcome !== 'acquired' && result.outcome !== 'renewed') {
    count('Refusals');
    throw refusal(result, context);
  }
  if (result.outcome === 'acquired') count('Activations');
  return {
    status: result.outcome === 'acquired' ? 201 : 200,
    body: liveActivation(result.subscription, result.seat),
  };
});
