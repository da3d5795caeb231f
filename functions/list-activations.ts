import { listActivations } from '../shared/contracts/list-activations.ts';
import { manages } from '../shared/domain/accounts/principal.ts';
import { liveActivation } from '../shared/domain/activation.ts';
import { pageOfList } from '../shared/http/page.ts';
import { orNotFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { listOnline } from '../shared/table/activations/list-online.ts';
import { readSubscription } from '../shared/table/items/subscriptions.ts';

export const handler = serve(listActivations, async ({ path, query, caller, table, now }) => {
  const userId = manages(caller) ? undefined : caller.userId;
  const page = await pageOfList(table, listActivations, { ...path, userId }, query);
  const subscription = orNotFound(await readSubscription(table, path));
  const seats = await listOnline(table, subscription, { ...page, userId, now });
  return { status: 200, body: await page.answer(seats, (seat) => liveActivation(subscription, seat)) };
});
