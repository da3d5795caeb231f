import { getActivation } from '../shared/contracts/get-activation.ts';
import { manages } from '../shared/domain/accounts/principal.ts';
import { activationOf, liveActivation } from '../shared/domain/activation.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { waitingBody } from '../shared/http/responses/waiting.ts';
import { serve } from '../shared/http/serve.ts';
import { findSession } from '../shared/table/activations/list-online.ts';
import { findPlace } from '../shared/table/queue/queue.ts';

export const handler = serve(getActivation, async ({ path, caller, table, now }) => {
  const userId = manages(caller) ? undefined : caller.userId;
  const found = await findSession(table, path, path.sessionId, { userId, now });
  if (found?.session.status !== 'active') {
    const place = await findPlace(table, path, path.sessionId, { userId, now });
    if (place) return { status: 200, body: waitingBody(place, now) };
  }
  if (!found) throw notFound();
  const { session, seat, subscription } = found;
  const body = seat && subscription ? liveActivation(subscription, seat) : activationOf(path.product, session);
  return { status: 200, body };
});
