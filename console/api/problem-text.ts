import { LeaseholdError, NotFound, ProblemError, Unauthenticated } from '../../client/index.ts';
import { SignInEnded } from '../sign-in/user-manager.ts';
import { PartialFailure } from './partial-failure.ts';

/** Returns whether the user has to sign in again. */
export const isSignInEnded = (error: unknown): boolean =>
  error instanceof SignInEnded || error instanceof Unauthenticated;

export const titleOf = (error: unknown): string => {
  if (isSignInEnded(error)) return 'Your sign-in has ended';
  if (error instanceof ProblemError) return error.problem.title;
  if (error instanceof PartialFailure) return `Refused for ${error.failures.length} of ${error.total}`;
  return error instanceof LeaseholdError ? 'The service does not answer' : 'This page has failed';
};

const isServiceFault = (error: ProblemError) => error.code === 'internal';

/** Returns the service's explanation. There is none for its internal errors. */
export const reasonOf = (error: unknown): string | undefined =>
  error instanceof ProblemError && !isSignInEnded(error) && !isServiceFault(error) ? error.message : undefined;

/** The remedies on this page, by problem code, where the service's own explanation has none. */
const remedies: Readonly<Record<string, string>> = {
  forbidden: 'Ask an owner or admin of your organization to do it, or to change your role.',
  'not-found': 'Somebody else may have removed it, or it is not for you to see.',
  'not-licensed': 'Grant the user a license first.',
  'offline-license-active': 'It can be neither removed nor transferred before it has expired.',
  'too-many-requests': 'Wait a moment, then try again.',
  internal: 'Try again: that is safe.',
};

/**
 * Returns what to do about an error.
 *
 * @param attempted whether the user tried to change something
 */
export const remedyOf = (error: unknown, attempted: boolean): string | undefined => {
  if (isSignInEnded(error)) return 'Sign in again to go on.';
  // The service's explanation of a page that was not found says enough.
  if (error instanceof NotFound && !attempted) return undefined;
  if (error instanceof ProblemError) return remedies[error.code];
  if (!(error instanceof LeaseholdError)) return 'Load the page again.';
  return attempted
    ? 'Whether it was done is not known: look at what is shown, once the service answers again, before you repeat it.'
    : 'Check your connection. The page tries again by itself.';
};

/** Returns the request ID to quote for help, for failures that are not the user's. */
export const requestIdOf = (error: unknown): string | undefined =>
  error instanceof LeaseholdError && (!(error instanceof ProblemError) || isServiceFault(error))
    ? error.requestId
    : undefined;
