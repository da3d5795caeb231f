import { listLicensedUsers } from '../shared/contracts/list-licensed-users.ts';
import { dayMs } from '../shared/domain/dates.ts';
import { pageOfList } from '../shared/http/page.ts';
import { orNotFound } from '../shared/http/problems/problem.ts';
import { licensedUserBody } from '../shared/http/responses/licensed-user.ts';
import { serve } from '../shared/http/serve.ts';
import { readSubscription } from '../shared/table/items/subscriptions.ts';
import { listLicensed } from '../shared/table/licensed-users/list-licensed-users.ts';

export const handler = serve(listLicensedUsers, async ({ path, query, table, now }) => {
  const { unusedForDays } = query;
  const page = await pageOfList(table, listLicensedUsers, { ...path, unusedForDays: unusedForDays?.toString() }, query);
  const subscription = orNotFound(await readSubscription(table, path));
  const unusedSince = unusedForDays && now - unusedForDays * dayMs;
  const licensed = await listLicensed(table, path, { ...page, unusedSince });
  const body = await page.answer(licensed, (one) => licensedUserBody(one.license, one.member, subscription, now));
  return { status: 200, body };
});
