import { listMembers as contract } from '../shared/contracts/list-members.ts';
import { pageOfList } from '../shared/http/page.ts';
import { memberBody } from '../shared/http/responses/member.ts';
import { serve } from '../shared/http/serve.ts';
import { listMembers } from '../shared/table/items/members.ts';

export const handler = serve(contract, async ({ path, query, table }) => {
  const page = await pageOfList(table, contract, path, query);
  const members = await listMembers(table, path.organizationId, page);
  return { status: 200, body: await page.answer(members, memberBody) };
});
