import { invite as contract } from '../shared/contracts/invite.ts';
import { mayAppoint } from '../shared/domain/membership.ts';
import { Problem } from '../shared/http/problems/problem.ts';
import { invitationBody } from '../shared/http/responses/member.ts';
import { serve } from '../shared/http/serve.ts';
import { invite } from '../shared/table/accounts/invitations.ts';
import { inBatches } from '../shared/table/store/batches.ts';

const hourMs = 3_600_000;

export const handler = serve(contract, async ({ path, body, caller, table, now }) => {
  const { role, expiresInHours } = body;
  if (!mayAppoint(caller.role, { to: role })) throw new Problem('forbidden', 'Only an owner invites owners.');
  const terms = { ...path, role, expiresAt: now + expiresInHours * hourMs, invitedBy: caller.userId };
  const items = await inBatches(10, [...new Set(body.emails)], async (email) => {
    const invited = await invite(table, { ...terms, email }, now);
    if (invited.outcome === 'already-member') return { email, ...invited };
    const { outcome, invitation, token } = invited;
    return { email, outcome, invitation: { ...invitationBody(invitation), token } };
  });
  return { status: 200, body: { items } };
});
