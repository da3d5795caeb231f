import { listLicensedUsers } from '../shared/contracts/list-licensed-users.ts';
import { licensedUserBody } from '../shared/http/licensed-user-body.ts';
import { pageOfList } from '../shared/http/page.ts';
import { notFound } from '../shared/http/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { listLicensed } from '../shared/table/licensed.ts';
import { readSubscription } from '../shared/table/subscriptions.ts';

export const handler = serve(listLicensedUsers, async ({ path, query, table, now }) => {
  const page = await pageOfList(table, listLicensedUsers, path, query);
  const subscription = await readSubscription(table, path);
  if (!subscription) throw notFound();
  const { licensed, next } = await listLicensed(table, path, page);
  return {
    status: 200,
    body: await page.answer(
      licensed.map(({ license, member }) => licensedUserBody(license, member, subscription, now)),
      next,
    ),
  };
});
