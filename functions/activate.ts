import { activate } from '../shared/contracts/activate.ts';
import { manages } from '../shared/domain/accounts/principal.ts';
import { liveActivation } from '../shared/domain/activation.ts';
import { withHostname } from '../shared/domain/seat.ts';
import { activationProblem, dryRunProblem, maxHolders } from '../shared/http/problems/activation-problem.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { waitingBody } from '../shared/http/responses/waiting.ts';
import { serve } from '../shared/http/serve.ts';
import { newId } from '../shared/ids.ts';
import { dryRunStart, startActivation, withHolders } from '../shared/table/activations/activations.ts';

export const handler = serve(activate, async ({ path, body, caller, table, now, count }) => {
  const { machineId, hostname, waitSeconds, sessionId = newId('ses') } = body;
  const { userId, keyId, maxSessions } = caller;
  const key = keyId === undefined ? undefined : { id: keyId, maxSessions };
  const request = { sessionId, machineId, hostname, waitSeconds, userId, key };
  const context = { product: path.product, sessionId, includeHolders: manages(caller), mayWait: true, now };

  if (body.dryRun) {
    const predicted = await dryRunStart(table, path, request);
    if (predicted.outcome === 'accepted') return { status: 200, body: { accepted: true } };
    if (predicted.outcome === 'missing') throw notFound();
    const waits = predicted.outcome === 'exhausted' && waitSeconds > 0;
    const position = waits ? (predicted.ahead ?? 0) + 1 : undefined;
    return { status: 200, body: { accepted: false, ...dryRunProblem(predicted, context), position } };
  }

  const result = await startActivation(table, path, request);
  if (result.races > 0) count('LostRaces', result.races);
  if (result.outcome === 'waiting') {
    count('Polls');
    count('QueueLength', result.place.length);
    const waiting = waitingBody(result.place, now);
    return { status: 202, body: waiting, headers: { 'Retry-After': String(waiting.retryAfterSeconds) } };
  }
  if (result.outcome !== 'acquired' && result.outcome !== 'renewed') {
    count('Refusals');
    const named =
      result.outcome === 'exhausted' && context.includeHolders
        ? await withHolders(table, path, result, { most: maxHolders, now })
        : result;
    throw activationProblem(named, context);
  }
  if (result.outcome === 'acquired') {
    count('Activations');
    const { waitedSeconds } = result.record;
    if (waitedSeconds !== undefined) count('WaitedSeconds', waitedSeconds, 'Seconds');
  }
  return {
    status: result.outcome === 'acquired' ? 201 : 200,
    body: liveActivation(result.subscription, withHostname(result.seat, result.record)),
  };
});
