import { getOrganization } from '../shared/contracts/get-organization.ts';
import { utc } from '../shared/domain/activation.ts';
import { orNotFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { readOrganization } from '../shared/table/accounts/organizations.ts';

export const handler = serve(getOrganization, async ({ path, table }) => {
  const organization = orNotFound(await readOrganization(table, path.organizationId));
  return { status: 200, body: { ...organization, createdAt: utc(organization.createdAt) } };
});
