import { issueOfflineLicense as contract } from '../shared/contracts/issue-offline-license.ts';
import { offlineProblem } from '../shared/http/problems/offline-problem.ts';
import { invalid } from '../shared/http/problems/problem.ts';
import { offlineLicenseBody } from '../shared/http/responses/offline-license.ts';
import { serve } from '../shared/http/serve.ts';
import { signLicense } from '../shared/signing/license-file.ts';
import { readLimits } from '../shared/table/accounts/organizations.ts';
import { readMember } from '../shared/table/items/members.ts';
import { issueOfflineLicense, licenseFile } from '../shared/table/offline/offline-licenses.ts';

export const handler = serve(contract, async ({ path, headers, body, caller, table, now, count }) => {
  const { machineId, description, userId: usedBy } = body;
  const askedExpiry = body.expiresAt === null ? null : Date.parse(body.expiresAt);
  if (usedBy !== null && !(await readMember(table, path.organizationId, usedBy)))
    throw invalid('/body/userId', 'is no member of the organization');
  const result = await issueOfflineLicense(
    table,
    path,
    { machineId, description, usedBy, askedExpiry },
    {
      issuedBy: caller.userId,
      idempotencyKey: headers['idempotency-key'],
      limits: await readLimits(table, path.organizationId),
    },
  );
  if (result.outcome !== 'issued') {
    count('Refusals');
    throw offlineProblem(result, { product: path.product, now });
  }
  // Sign before the answer, so that every issued license can be downloaded until the vendor voids it.
  if (result.license.voidedAt === undefined)
    await licenseFile(table, path, result.license, (license) => signLicense(path, license));
  return { status: 201, body: offlineLicenseBody(path.product, result.license, now) };
});
