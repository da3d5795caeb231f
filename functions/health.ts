import { health } from '../shared/contracts/health.ts';
import { serve } from '../shared/http/serve.ts';
import { readOrganization } from '../shared/table/accounts/organizations.ts';

export const handler = serve(health, async ({ table }) => {
  // Any read proves that the table answers; this organization does not exist.
  await readOrganization(table, 'health');
  return { status: 200, body: { status: 'ok' } };
});
