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
  if (!seat) return { status: 200, body: activationOf(path.product, session) };
  const { availableAt, leaseMs } = seat.hold;
  const leaseEndsAt = Math.min(availableAt, subscription?.expiresAt ?? Number.POSITIVE_INFINITY);
  // The lease that it has now, not the one that the record began with.
  return { status: 200, body: activationOf(path.product, { ...session, leaseSeconds: leaseMs / 1000 }, leaseEndsAt) };
});
