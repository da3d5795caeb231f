import { grantLicenses } from '../shared/contracts/grant-licenses.ts';
import { grantProblem } from '../shared/http/problems/grant-problem.ts';
import { licensedUserBody } from '../shared/http/responses/licensed-user.ts';
import { serve } from '../shared/http/serve.ts';
import type { Refused } from '../shared/table/engine/claimant.ts';
import { readMemberByEmail } from '../shared/table/items/members.ts';
import { checkGrants, grantLicense } from '../shared/table/licensed-users/grant-license.ts';

export const handler = serve(grantLicenses, async ({ path, body, table, now }) => {
  const refusalOf = (refused: Refused) => grantProblem(refused, { product: path.product, includeHolders: false, now });
  // Refuse also if no address on the list is a member's.
  const judged = await checkGrants(table, path, now);
  if (judged.outcome !== 'eligible') throw refusalOf(judged);

  const grant = async (email: string) => {
    const member = await readMemberByEmail(table, path.organizationId, email);
    if (!member) return { email, outcome: 'not-a-member' as const, licensedUser: null };
    const result = await grantLicense(table, path, member.userId);
    switch (result.outcome) {
      case 'acquired':
      case 'renewed':
        return {
          email,
          outcome: result.outcome === 'acquired' ? ('granted' as const) : ('already-licensed' as const),
          licensedUser: licensedUserBody(result.record, member, result.subscription, now),
        };
      case 'exhausted':
        return { email, outcome: 'license-quota-exceeded' as const, licensedUser: null };
      case 'contended':
        return { email, outcome: 'too-many-requests' as const, licensedUser: null };
      default:
        // The subscription refuses, for all addresses alike.
        throw refusalOf(result);
    }
  };
  const items = [];
  for (const email of body.emails) items.push(await grant(email));
  return { status: 200, body: { items } };
});
