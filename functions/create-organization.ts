import { createOrganization as contract } from '../shared/contracts/create-organization.ts';
import { utc } from '../shared/domain/activation.ts';
import { serve } from '../shared/http/serve.ts';
import { createOrganization } from '../shared/table/accounts/organizations.ts';

export const handler = serve(contract, async ({ body, table, now }) => {
  const { createdAt, ...organization } = await createOrganization(table, { ...body, now });
  return { status: 201, body: { ...organization, createdAt: utc(createdAt) } };
});
