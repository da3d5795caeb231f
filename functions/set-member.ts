import { setMember } from '../shared/contracts/set-member.ts';
import { appointingRole } from '../shared/domain/accounts/principal.ts';
import { contended, invalid, noMember, onlyOwners } from '../shared/http/problems/problem.ts';
import { memberBody } from '../shared/http/responses/member.ts';
import { serve } from '../shared/http/serve.ts';
import { setRole } from '../shared/table/accounts/set-role.ts';

export const handler = serve(setMember, async ({ path, body, caller, table, now }) => {
  const result = await setRole(table, { ...path, ...body, by: appointingRole(caller) }, now);
  switch (result.outcome) {
    case 'missing':
      throw noMember(path.userId);
    case 'forbidden':
      throw onlyOwners(caller, 'makes an owner, or changes an owner’s role');
    case 'last-owner':
      throw invalid('/body/role', 'would leave the organization without an owner: make another member an owner first');
    case 'contended':
      throw contended();
    case 'set':
      return { status: 200, body: memberBody(result.member) };
  }
});
