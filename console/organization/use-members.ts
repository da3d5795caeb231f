import type { Member } from '../../client/index.ts';
import { useClient } from '../service/client.tsx';
import { type List, useList } from '../service/use-list.ts';
import { useOrganization } from './organization.tsx';

/** All members of the organization. */
export const useMembers = (): List<Member> => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  return useList(['members', organizationId], (query) => client.listMembers({ organizationId, ...query }), {
    whole: true,
  });
};
