import { getLimits } from '../shared/contracts/get-limits.ts';
import { limitsOf } from '../shared/domain/accounts/limits.ts';
import { orNotFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { readOrganization } from '../shared/table/accounts/organizations.ts';

export const handler = serve(getLimits, async ({ path, table }) => {
  const organization = orNotFound(await readOrganization(table, path.organizationId));
  return { status: 200, body: limitsOf(organization.limits) };
});
