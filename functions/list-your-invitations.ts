import { listYourInvitations as contract } from '../shared/contracts/list-your-invitations.ts';
import { pageOfList } from '../shared/http/page.ts';
import { yourInvitationBody } from '../shared/http/responses/member.ts';
import { serve } from '../shared/http/serve.ts';
import { listInvitationsOf } from '../shared/table/accounts/invitations.ts';

export const handler = serve(contract, async ({ query, person, table, now }) => {
  const page = await pageOfList(table, contract, { of: person.email }, query);
  const invitations = await listInvitationsOf(table, person, { ...page, now });
  return { status: 200, body: await page.answer(invitations, yourInvitationBody) };
});
