import { listOrganizations as contract } from '../shared/contracts/list-organizations.ts';
import { utc } from '../shared/domain/activation.ts';
import { pageOfList } from '../shared/http/page.ts';
import { serve } from '../shared/http/serve.ts';
import { listAllOrganizations, listOrganizationsOf } from '../shared/table/accounts/organizations.ts';

export const handler = serve(contract, async ({ query, person, table }) => {
  const { userId, vendor, memberships } = person;
  const page = await pageOfList(table, contract, { of: vendor ? 'vendor' : userId }, query);
  const organizations = vendor
    ? await listAllOrganizations(table, memberships, page)
    : await listOrganizationsOf(table, userId, page);
  const body = await page.answer(organizations, (one) => ({ ...one, createdAt: utc(one.createdAt) }));
  return { status: 200, body };
});
