import { createOrganization as contract } from '../shared/contracts/create-organization.ts';
import { utc } from '../shared/domain/activation.ts';
import { invalid } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { createOrganization, startCreation } from '../shared/table/accounts/organizations.ts';

export const handler = serve(contract, async ({ headers, body, table, now }) => {
  const request = { ...body, now };
  const idempotencyKey = headers['idempotency-key'];
  const started = idempotencyKey === undefined ? {} : await startCreation(table, request, idempotencyKey);
  if (!started) throw invalid('/headers/idempotency-key', 'was used for another request: make a new one');
  const { createdAt, ...organization } = await createOrganization(table, { ...request, ...started });
  return { status: 201, body: { ...organization, createdAt: utc(createdAt) } };
});
