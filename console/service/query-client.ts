import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { SignInEnded } from '../sign-in/user-manager.ts';
import { codeOf } from './problem-text.ts';

/** How often what is shown is asked for again. */
export const REFRESH_MS = 10_000;

/** Whether the same request may succeed later, all by itself. */
const mayPass = (error: unknown) => [undefined, 'internal', 'too-many-requests'].includes(codeOf(error));

/**
 * What is known of the service. It is asked again every few seconds while the page is looked at, and what did not change
 * stays the same object, so that nothing on the page moves.
 *
 * @param options.renew renews the sign-in, for a credential that the service no longer takes
 * @param options.onEnded is told when that fails
 */
export const createQueryClient = (options: { renew: () => Promise<unknown>; onEnded: () => void }): QueryClient => {
  const onError = (error: unknown) => {
    if (error instanceof SignInEnded) return options.onEnded();
    if (codeOf(error) === 'unauthenticated') options.renew().then(() => queries.invalidateQueries(), options.onEnded);
  };
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        refetchInterval: REFRESH_MS,
        staleTime: REFRESH_MS / 2,
        retry: (failures, error) => failures < 2 && mayPass(error),
      },
    },
  });
  return queries;
};
