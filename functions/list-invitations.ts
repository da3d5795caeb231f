import { listInvitations as contract } from '../shared/contracts/list-invitations.ts';
import { pageOfList } from '../shared/http/page.ts';
import { invitationBody } from '../shared/http/responses/member.ts';
import { serve } from '../shared/http/serve.ts';
import { listInvitations } from '../shared/table/accounts/invitations.ts';

export const handler = serve(contract, async ({ path, query, table, now }) => {
  const page = await pageOfList(table, contract, path, query);
  const invitations = await listInvitations(table, path.organizationId, { ...page, now });
  return { status: 200, body: await page.answer(invitations, invitationBody) };
});
