import { acceptInvitation as contract } from '../shared/contracts/accept-invitation.ts';
import { contended, notFound } from '../shared/http/problems/problem.ts';
import { memberBody } from '../shared/http/responses/member.ts';
import { serve } from '../shared/http/serve.ts';
import { acceptInvitation } from '../shared/table/accounts/accept-invitation.ts';

export const handler = serve(contract, async ({ path, person, table, now }) => {
  const accepted = await acceptInvitation(table, path.token, person, now);
  if (accepted.outcome === 'missing') throw notFound();
  if (accepted.outcome === 'contended') throw contended();
  const { organizationId, member } = accepted;
  return { status: 200, body: { ...memberBody(member), organizationId } };
});
