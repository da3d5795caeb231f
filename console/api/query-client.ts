import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { isSignInEnded } from './problem-text.ts';

/** How often what is shown is asked for again. */
export const REFRESH_MS = 10_000;

/**
 * What is known of the service. It is asked again every few seconds while the page is looked at, and what did not change
 * stays the same object, so that nothing on the page moves. What fails is tried again by the client already.
 *
 * @param onEnded is told whether the service no longer takes the sign-in, and it can't be renewed: at each answer
 */
export const createQueryClient = (onEnded: (ended: boolean) => void): QueryClient => {
  const onError = (error: unknown) => {
    if (isSignInEnded(error)) onEnded(true);
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError, onSuccess: () => onEnded(false) }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { refetchInterval: REFRESH_MS, staleTime: REFRESH_MS / 2, retry: false, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  });
};
