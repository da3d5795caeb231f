import { consentToRecovery as contract } from '../shared/contracts/consent-to-recovery.ts';
import { invalid, notFound, Problem } from '../shared/http/problems/problem.ts';
import { recoveryBody } from '../shared/http/responses/recovery.ts';
import { serve } from '../shared/http/serve.ts';
import { consentToRecovery, withStatus } from '../shared/table/accounts/recoveries.ts';

export const handler = serve(contract, async ({ path, caller, table, now }) => {
  const { organizationId, recoveryId: id } = path;
  const consented = await consentToRecovery(table, { organizationId, id }, caller.userId, now);
  switch (consented.outcome) {
    case 'missing':
      throw notFound();
    case 'own':
      throw new Problem(
        'forbidden',
        'A second person consents: neither the member concerned nor the one who started the recovery.',
      );
    case 'over':
      throw invalid('/path/recoveryId', 'is over: the vendor may start another one');
    case 'consented': {
      const [recovery] = await withStatus(table, organizationId, [consented.recovery], now);
      return { status: 200, body: recoveryBody(recovery!) };
    }
  }
});
