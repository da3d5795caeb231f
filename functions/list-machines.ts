import { listMachines as contract } from '../shared/contracts/list-machines.ts';
import { utc } from '../shared/domain/activation.ts';
import { pageOfList } from '../shared/http/page.ts';
import { orNotFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { readSubscription } from '../shared/table/items/subscriptions.ts';
import { listMachines } from '../shared/table/reports/list-machines.ts';

export const handler = serve(contract, async ({ path, query, table, now }) => {
  const page = await pageOfList(table, contract, path, query);
  const subscription = orNotFound(await readSubscription(table, path));
  const machines = await listMachines(table, subscription, { ...page, now });
  const body = await page.answer(machines, ({ registeredAt, lastSeenAt, ...machine }) => ({
    ...machine,
    registeredAt: utc(registeredAt),
    lastSeenAt: utc(lastSeenAt),
  }));
  return { status: 200, body };
});
