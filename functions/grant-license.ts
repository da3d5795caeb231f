import { grantLicense as contract } from '../shared/contracts/grant-license.ts';
import { manages } from '../shared/domain/accounts/principal.ts';
import { grantProblem } from '../shared/http/problems/grant-problem.ts';
import { noMember } from '../shared/http/problems/problem.ts';
import { licensedUserBody } from '../shared/http/responses/licensed-user.ts';
import { serve } from '../shared/http/serve.ts';
import { readMember } from '../shared/table/items/members.ts';
import { grantLicense } from '../shared/table/licensed-users/grant-license.ts';

export const handler = serve(contract, async ({ path, caller, table, now }) => {
  const member = await readMember(table, path.organizationId, path.userId);
  if (!member) throw noMember(path.userId);
  const result = await grantLicense(table, path, path.userId);
  if (result.outcome !== 'acquired' && result.outcome !== 'renewed')
    throw grantProblem(result, { product: path.product, includeHolders: manages(caller), now });
  return {
    status: result.outcome === 'acquired' ? 201 : 200,
    body: licensedUserBody(result.record, member, result.subscription, now),
  };
});
