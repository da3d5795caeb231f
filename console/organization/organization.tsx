import { useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext } from 'react';
import { NotFound, type YourOrganization } from '../../client/index.ts';
import { useClient } from '../api/client.tsx';
import { useList } from '../api/use-list.ts';
import { useStickyError } from '../api/use-sticky-error.ts';
import { Loading } from '../components/loading.tsx';
import { ProblemAlert } from '../components/problem.tsx';
import { Page } from '../shell/page.tsx';
import { usePerson } from '../sign-in/signed-in.tsx';

const STORAGE_KEY = 'leasehold.organization';

/** Returns the organization last shown in this browser. */
export const lastOrganization = (): string | null => localStorage.getItem(STORAGE_KEY);

/** Returns the organizations to choose from: a member's own, or all for the vendor. */
export const useOrganizations = () => {
  const client = useClient();
  return useList(['organizations'], (query) => client.listOrganizations(query));
};

const OrganizationContext = createContext<YourOrganization | undefined>(undefined);

/** Returns the organization of the page, with the user's role. */
export const useOrganization = (): YourOrganization => {
  const organization = useContext(OrganizationContext);
  if (!organization) throw new Error('This page is about no organization.');
  return organization;
};

interface WithOrganizationProps {
  id: string;
  /** Returns the layout for a page that says why the organization can't be shown. */
  outside: (page: ReactNode) => ReactNode;
  children: ReactNode;
}

/** Loads an organization and provides it to the page. */
export const WithOrganization = ({ id, outside, children }: WithOrganizationProps) => {
  const client = useClient();
  const { vendor } = usePerson();
  const query = useQuery({
    queryKey: ['organizations', id],
    queryFn: async (): Promise<YourOrganization> => {
      if (vendor) {
        // The vendor's list has every organization. Its role is late by half a minute at most.
        const [organization, { memberships }] = await Promise.all([
          client.getOrganization({ organizationId: id }),
          client.getMe(),
        ]);
        return { ...organization, role: memberships.find(({ organizationId }) => organizationId === id)?.role ?? null };
      }
      let cursor: string | undefined;
      // A member has few organizations.
      do {
        const { items, nextCursor } = await client.listOrganizations({ limit: 200, cursor });
        const found = items.find((organization) => organization.id === id);
        if (found) return found;
        cursor = nextCursor;
      } while (cursor);
      return { ...(await client.getOrganization({ organizationId: id })), role: null };
    },
  });
  const error = useStickyError(query);
  const { data, refetch } = query;
  // Show nothing more to a removed member, not even loaded data.
  const gone = error instanceof NotFound;
  if (data && !gone) {
    if (data.role !== null) localStorage.setItem(STORAGE_KEY, id);
    return <OrganizationContext value={data}>{children}</OrganizationContext>;
  }
  if (gone) localStorage.removeItem(STORAGE_KEY);
  if (error)
    return outside(
      <Page title="Organization" breadcrumbs={[{ text: 'Organizations', href: '/organizations' }]}>
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      </Page>,
    );
  return <Loading text="Loading the organization" />;
};
