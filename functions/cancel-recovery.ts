import { cancelRecovery as contract } from '../shared/contracts/cancel-recovery.ts';
import { manages } from '../shared/domain/accounts/principal.ts';
import { invalid, notFound, Problem } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { cancelRecovery, readRecovery } from '../shared/table/accounts/recoveries.ts';

export const handler = serve(contract, async ({ path, caller, table, now }) => {
  const name = { organizationId: path.organizationId, id: path.recoveryId };
  if (caller && !manages(caller) && (await readRecovery(table, name))?.userId !== caller.userId)
    throw new Problem('forbidden', 'Only an owner, an admin, the vendor, or the member itself cancels a recovery.');
  switch (await cancelRecovery(table, name, now)) {
    case 'missing':
      throw notFound();
    case 'completed':
      throw invalid('/path/recoveryId', 'is completed: an owner may remove the member');
    case 'cancelled':
      return { status: 204 };
  }
});
