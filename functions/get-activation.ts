import { getActivation } from '../shared/contracts/get-activation.ts';
import { activationOf } from '../shared/domain/activation.ts';
import { manages } from '../shared/domain/principal.ts';
import { notFound } from '../shared/http/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { findSession } from '../shared/table/online.ts';

export const handler = serve(getActivation, async ({ path, caller, table, now }) => {
  const found = await findSession(table, path, path.sessionId, now);
  if (!found || (found.session.userId !== caller.userId && !manages(caller))) throw notFound();
  const { session, seat, subscription } = found;
  const leaseEndsAt = seat && Math.min(seat.hold.availableAt, subscription?.expiresAt ?? Number.POSITIVE_INFINITY);
  return { status: 200, body: activationOf(path.product, session, leaseEndsAt) };
});
