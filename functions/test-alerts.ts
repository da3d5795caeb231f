import { testAlerts as contract } from '../shared/contracts/test-alerts.ts';
import { minuteWindow } from '../shared/domain/accounts/limits.ts';
import { limitReached, notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { readLimits } from '../shared/table/accounts/organizations.ts';
import { countAll } from '../shared/table/items/limit-counters.ts';
import { readSubscription } from '../shared/table/items/subscriptions.ts';
import { testAlert } from '../shared/table/outbox/alerts.ts';

export const handler = serve(contract, async ({ path, table, now }) => {
  if (!(await readSubscription(table, path))) throw notFound();
  const { redeliveriesPerMinute: value } = await readLimits(table, path.organizationId);
  const reached = await countAll(table, path.organizationId, [
    { limit: 'redeliveriesPerMinute', of: '', window: minuteWindow(now), value, amount: 1 },
  ]);
  if (reached) throw limitReached(reached, 'Send the next test later.', now);
  await testAlert(table, path, now);
  return { status: 204 };
});
