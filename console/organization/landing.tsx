import { Redirect } from 'wouter';
import { Loading } from '../components/loading.tsx';
import { ProblemAlert } from '../components/problem.tsx';
import { organizationPath } from '../shell/paths.ts';
import { usePerson } from '../sign-in/signed-in.tsx';
import { lastOrganization, useOrganizations } from './organization.tsx';

/** The start page: redirects to the last organization or the only one; otherwise the user chooses. */
export const Landing = () => {
  const { items, loading, error, refresh } = useOrganizations();
  const { vendor } = usePerson();
  if (loading) return <Loading text="Loading your organizations" />;
  if (error && items.length === 0) return <ProblemAlert error={error} onRetry={refresh} />;
  const only = items.length === 1 && !vendor ? items[0] : undefined;
  const chosen = items.find(({ id }) => id === lastOrganization()) ?? only;
  return <Redirect to={chosen ? organizationPath(chosen.id, 'products') : '/organizations'} replace />;
};
