import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { isSignInEnded } from './problem-text.ts';

/** How often the shown data is refreshed, ms. */
export const REFRESH_MS = 10_000;

/**
 * Creates the cache of the service's data. It refreshes every few seconds while the page is visible; unchanged data stays the same
 * object, so nothing on the page moves. No retries here, as the client retries.
 *
 * @param onEnded called at each answer: whether the sign-in has ended and can't be renewed
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
