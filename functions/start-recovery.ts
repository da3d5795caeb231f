import { startRecovery as contract } from '../shared/contracts/start-recovery.ts';
import { noMember } from '../shared/http/problems/problem.ts';
import { recoveryBody } from '../shared/http/responses/recovery.ts';
import { serve } from '../shared/http/serve.ts';
import { startRecovery, withStatus } from '../shared/table/accounts/recoveries.ts';

export const handler = serve(contract, async ({ path: { organizationId }, body: { userId }, table, now }) => {
  const started = await startRecovery(table, { organizationId, userId }, now);
  if (started.outcome === 'missing') throw noMember(userId);
  const [recovery] = await withStatus(table, organizationId, [started.recovery], now);
  return { status: started.outcome === 'started' ? 201 : 200, body: recoveryBody(recovery!) };
});
