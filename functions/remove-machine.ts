import { removeMachine as contract } from '../shared/contracts/remove-machine.ts';
import { offlineLicenseActive } from '../shared/http/problems/activation-problem.ts';
import { notFound, Problem } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { removeMachine } from '../shared/table/removals/remove-machine.ts';

export const handler = serve(contract, async ({ path, query, table, now }) => {
  const blockedUntil = query.blockMinutes && now + query.blockMinutes * 60_000;
  const result = await removeMachine(table, path, path.machineId, { blockedUntil, now });
  switch (result.outcome) {
    case 'removed':
      return { status: 204 };
    case 'missing':
      throw notFound();
    case 'offline':
      throw offlineLicenseActive(path.machineId, result.until);
    case 'contended':
      throw new Problem(
        'too-many-requests',
        'This machine is being used again and again. Try again, with `blockMinutes`.',
        {
          retryAfterSeconds: 1,
        },
      );
  }
});
