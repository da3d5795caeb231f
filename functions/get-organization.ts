import { getOrganization } from '../shared/contracts/get-organization.ts';
import { utc } from '../shared/domain/activation.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { readOrganization } from '../shared/table/accounts/organizations.ts';

export const handler = serve(getOrganization, async ({ path, table }) => {
  const organization = await readOrganization(table, path.organizationId);
  if (!organization) throw notFound();
  return { status: 200, body: { ...organization, createdAt: utc(organization.createdAt) } };
});
