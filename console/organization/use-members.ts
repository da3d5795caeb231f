import { useMemo } from 'react';
import type { Member } from '../../client/index.ts';
import { useClient } from '../api/client.tsx';
import { type List, useList } from '../api/use-list.ts';
import { useOrganization } from './organization.tsx';

/** All members of the organization. */
export const useMembers = (): List<Member> => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  return useList(['members', organizationId], (query) => client.listMembers({ organizationId, ...query }), {
    loadAll: true,
  });
};

/** Returns a function from user ID to email; it returns the ID of a former or not yet loaded member. */
export const useEmailOf = (): ((userId: string) => string) => {
  const { items } = useMembers();
  const emails = useMemo(() => new Map(items.map(({ userId, email }) => [userId, email])), [items]);
  return (userId) => emails.get(userId) ?? userId;
};

/** Returns a function from user ID to name; it returns the ID of a former or not yet loaded member. */
export const useNameOf = (): ((userId: string) => string) => {
  const { items } = useMembers();
  const names = useMemo(() => new Map(items.map(({ userId, name }) => [userId, name])), [items]);
  return (userId) => names.get(userId) ?? userId;
};
