import { invite as contract } from '../shared/contracts/invite.ts';
import { mayAppoint } from '../shared/domain/membership.ts';
import { appointingRole } from '../shared/domain/principal.ts';
import { contended, onlyOwners } from '../shared/http/problems/problem.ts';
import { invitationBody } from '../shared/http/responses/member.ts';
import { serve } from '../shared/http/serve.ts';
import { invite } from '../shared/table/accounts/invitations.ts';

const hourMs = 3_600_000;

export const handler = serve(contract, async ({ path, body, caller, table, now }) => {
  const { role, expiresInHours } = body;
  if (!mayAppoint(appointingRole(caller), { to: role })) throw onlyOwners(caller, 'invites owners');
  const terms = { ...path, role, expiresAt: now + expiresInHours * hourMs, invitedBy: caller.userId };
  const invited = await invite(table, { ...terms, emails: [...new Set(body.emails)] }, now);
  if (invited === 'contended') throw contended();
  const items = invited.map((one) =>
    one.outcome === 'invited'
      ? { email: one.email, outcome: one.outcome, invitation: { ...invitationBody(one.invitation), token: one.token } }
      : one,
  );
  return { status: 200, body: { items } };
});
