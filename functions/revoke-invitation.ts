import { revokeInvitation as contract } from '../shared/contracts/revoke-invitation.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { revokeInvitation } from '../shared/table/accounts/invitations.ts';

export const handler = serve(contract, async ({ path, table, now }) => {
  const outcome = await revokeInvitation(table, path.organizationId, path.invitationId, now);
  if (outcome === 'missing') throw notFound();
  return { status: 204 };
});
