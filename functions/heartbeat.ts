import { heartbeat } from '../shared/contracts/heartbeat.ts';
import { liveActivation, utc } from '../shared/domain/activation.ts';
import { idleWarningAt } from '../shared/domain/idle-timeout.ts';
import { activationEnded } from '../shared/http/problems/activation-problem.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { extendActivation } from '../shared/table/activations/activations.ts';

export const handler = serve(heartbeat, async ({ path, body, caller, table, now }) => {
  const { sessionId } = path;
  const result = await extendActivation(table, path, { ...body, sessionId, userId: caller.userId }, now);
  if (result.outcome === 'missing') throw notFound();
  if (result.outcome === 'ended') throw activationEnded(sessionId, result.reason);
  const { subscription, seat, activeAt = now } = result;
  const warningAt = idleWarningAt(activeAt, subscription.idleTimeoutMinutes, now);
  const { hostname, ...activation } = liveActivation(subscription, seat);
  return {
    status: 200,
    body: {
      ...activation,
      // Only the record of a floating session has it, and no heartbeat reads the record.
      ...(subscription.licenseType === 'per-user' && { hostname }),
      idleWarningAt: warningAt === null ? null : utc(warningAt),
    },
  };
});
