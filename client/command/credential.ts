import { ConnectionFailed } from '../errors.ts';
import type { Credential } from '../send.ts';
import { requirePrivate } from './addresses.ts';
import type { Environment } from './configuration.ts';
import { CommandFailed } from './failures.ts';
import { keptSignIn, replaceSignIn, type SignIn } from './kept-sign-ins.ts';

/** Before its end by this much a token is renewed, ms: the service's clock may be ahead. */
const marginMs = 60_000;
const isGood = ({ expiresAt }: SignIn) => expiresAt - marginMs > Date.now();

const signInAgain = (why: string, cause?: unknown) =>
  new CommandFailed('refused', `${why}: sign in again with \`leasehold login\`.`, { cause });

/** The sign-in to a service with a fresh token. Another command may have renewed it already. */
const renewed = (environment: Environment, url: string, stale: string): Promise<SignIn> =>
  replaceSignIn(environment, url, async (kept) => {
    if (!kept) throw signInAgain('You have signed out');
    if (kept.idToken !== stale && isGood(kept)) return kept;
    const { refresh, wasRefused } = await import('./sign-in.ts');
    try {
      return await refresh(kept);
    } catch (error) {
      if (wasRefused(error)) throw signInAgain('Your sign-in has ended', error);
      throw new ConnectionFailed(`Your sign-in could not be renewed at ${kept.issuer}.`, { cause: error });
    }
  });

/**
 * The credential of whoever is signed in to a service; its token is renewed when it is about to end, or was refused.
 *
 * @throws CommandFailed nobody is, the sign-in has ended, or its token could be read on the way
 */
export const credentialOfSignIn = (environment: Environment, url: string): Credential => {
  let known: SignIn | undefined;
  return async ({ rejected }) => {
    known ??= await keptSignIn(environment, url);
    if (!known)
      throw new CommandFailed('usage', 'Say who you are, with LEASEHOLD_API_KEY, or sign in with `leasehold login`.');
    requirePrivate(url);
    if (known.idToken === rejected || !isGood(known)) known = await renewed(environment, url, known.idToken);
    return known.idToken;
  };
};
