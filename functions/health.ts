import { health } from '../shared/contracts/health.ts';
import { serve } from '../shared/http/serve.ts';
import { readOrganization } from '../shared/table/accounts/organizations.ts';

export const handler = serve(health, async ({ table }) => {
  // Any read proves that the table can be reached; there is no such organization.
  await readOrganization(table, 'health');
  return { status: 200, body: { status: 'ok' } };
});
