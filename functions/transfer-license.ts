import { transferLicense as contract } from '../shared/contracts/transfer-license.ts';
import { activationProblem, offlineLicenseActive } from '../shared/http/problems/activation-problem.ts';
import { floatingOnly } from '../shared/http/problems/grant-problem.ts';
import { invalid, noMember, Problem } from '../shared/http/problems/problem.ts';
import { licensedUserBody } from '../shared/http/responses/licensed-user.ts';
import { serve } from '../shared/http/serve.ts';
import { readMember } from '../shared/table/items/members.ts';
import { transferLicense } from '../shared/table/licensed-users/transfer-license.ts';

export const handler = serve(contract, async ({ path, body, table, now }) => {
  const { organizationId, product, userId } = path;
  const { toUserId } = body;
  if (toUserId === userId) throw invalid('/body/toUserId', 'is the user who has the license: name another member');
  const member = await readMember(table, organizationId, toUserId);
  if (!member) throw noMember(toUserId);
  const result = await transferLicense(table, path, { from: userId, to: toUserId });
  switch (result.outcome) {
    case 'transferred':
      return { status: 200, body: licensedUserBody(result.license, member, result.subscription, now) };
    case 'floating':
      throw floatingOnly(product);
    case 'not-licensed':
      throw new Problem('not-found', `${userId} has no ${product} license to transfer.`);
    case 'offline':
      throw offlineLicenseActive(result.machineId, result.until);
    case 'licensed-already':
      throw invalid('/body/toUserId', 'has a license already: remove one of the two instead');
    default:
      throw activationProblem(result, { product, sessionId: '', includeHolders: false, now });
  }
});
