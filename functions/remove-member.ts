import { removeMember as contract } from '../shared/contracts/remove-member.ts';
import { appointingRole } from '../shared/domain/accounts/principal.ts';
import { contended, invalid, notFound, onlyOwners } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { removeMember } from '../shared/table/removals/remove-member.ts';

export const handler = serve(contract, async ({ path, caller, table, now }) => {
  switch (await removeMember(table, { ...path, by: appointingRole(caller), now })) {
    case 'missing':
      throw notFound();
    case 'forbidden':
      throw onlyOwners(caller, 'removes an owner');
    case 'last-owner':
      throw invalid('/path/userId', 'is the last owner: make another member an owner first');
    case 'contended':
      throw contended();
    case 'removed':
      return { status: 204 };
  }
});
