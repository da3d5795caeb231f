import { completeRecovery as contract } from '../shared/contracts/complete-recovery.ts';
import { contended, notFound } from '../shared/http/problems/problem.ts';
import { memberBody } from '../shared/http/responses/member.ts';
import { serve } from '../shared/http/serve.ts';
import { completeRecovery } from '../shared/table/accounts/complete-recovery.ts';

export const handler = serve(contract, async ({ path: { organizationId, recoveryId: id }, person, table, now }) => {
  const completed = await completeRecovery(table, { organizationId, id }, person, now);
  if (completed.outcome === 'missing') throw notFound();
  if (completed.outcome === 'contended') throw contended();
  return { status: 200, body: { ...memberBody(completed.member), organizationId } };
});
