import { heartbeat } from '../shared/contracts/heartbeat.ts';
import { liveActivation } from '../shared/domain/activation.ts';
import { notFound } from '../shared/http/problem.ts';
import { activationEnded } from '../shared/http/refusal.ts';
import { serve } from '../shared/http/serve.ts';
import { heartbeatSession } from '../shared/table/heartbeat.ts';

export const handler = serve(heartbeat, async ({ path, body, caller, table, now }) => {
  const { sessionId } = path;
  const request = { sessionId, userId: caller.userId, seat: body.seat, fence: body.fence };
  const result = await heartbeatSession(table, path, request, now);
  if (result.outcome === 'missing') throw notFound();
  if (result.outcome === 'ended') throw activationEnded(sessionId, result.reason);
  return { status: 200, body: liveActivation(result.subscription, result.seat) };
});
