import { SignInEnded } from '../sign-in/user-manager.ts';
import { ServiceProblem } from './client.tsx';

/** The stable code of a refusal; undefined for whatever else went wrong: no network, say. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof ServiceProblem ? error.code : undefined;

/** What happened, in a few words. */
export const titleOf = (error: unknown): string => {
  if (error instanceof ServiceProblem) return error.title;
  if (error instanceof SignInEnded) return 'Your sign-in has ended';
  return 'The service does not answer';
};

/** What to do about it, where the service's own words do not say so. */
const remedies: Readonly<Record<string, string>> = {
  unauthenticated: 'Sign in again.',
  forbidden: 'Ask an owner or admin of your organization to do it, or to change your role.',
  'not-found': 'It may have been removed by somebody else: load the page again.',
  'not-licensed': 'Grant the user a license first.',
  'subscription-expired': 'Ask your vendor to renew the subscription.',
  'subscription-suspended': 'Ask your vendor why it is suspended.',
  'license-quota-exceeded': 'Remove a license that is no longer needed, or ask your vendor for more.',
  'machine-quota-exceeded': 'Deactivate a machine that is no longer used, or ask your vendor for more.',
  'offline-license-active':
    'Wait until the offline license has expired: it can be neither removed nor transferred before.',
  'too-many-requests': 'Wait a moment, then try again.',
  internal: 'Try again: that is safe. If it keeps failing, tell us the request ID.',
};

/** What to do about it. */
export const remedyOf = (error: unknown): string | undefined => {
  const code = codeOf(error);
  if (error instanceof SignInEnded) return 'Sign in again.';
  return code === undefined ? 'Check your connection. What is shown is asked for again by itself.' : remedies[code];
};
