import { grantLicenses } from '../shared/contracts/grant-licenses.ts';
import { grantRefusal } from '../shared/http/grant-refusal.ts';
import { licensedUserBody } from '../shared/http/licensed-user-body.ts';
import { serve } from '../shared/http/serve.ts';
import { grantLicense } from '../shared/table/grant-license.ts';
import { readMemberByEmail } from '../shared/table/members.ts';

export const handler = serve(grantLicenses, async ({ path, body, table, now }) => {
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
        // It concerns the subscription: the same for all.
        throw grantRefusal(result, { product: path.product, tellHolders: false, now });
    }
  };
  const items = [];
  for (const email of body.emails) items.push(await grant(email));
  return { status: 200, body: { items } };
});
