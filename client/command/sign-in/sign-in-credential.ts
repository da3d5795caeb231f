import type { Credential } from '../../send.ts';
import { CommandFailed } from '../exit-codes.ts';
import type { Environment } from '../settings/config.ts';
import { requireEncryption } from '../settings/urls.ts';
import { readSignIn, type SignIn, updateSignIn } from './sign-in-store.ts';

/** Before its end by this much a token is renewed, ms: the service's clock may be ahead. */
const marginMs = 60_000;
const isValidFor = (ms: number, { expiresAt }: SignIn) => expiresAt - ms > Date.now();

/** The sign-in to a service with a fresh token. Another command may have renewed it already. */
const renewSignIn = (environment: Environment, url: string, stale: string): Promise<SignIn> =>
  updateSignIn(environment, url, async (saved) => {
    if (!saved) throw new CommandFailed('refused', 'You have signed out: sign in again with `leasehold login`.');
    if (saved.idToken !== stale && isValidFor(marginMs, saved)) return saved;
    const { refresh } = await import('./sign-in.ts');
    return refresh(saved);
  });

/**
 * The credential of whoever is signed in to a service; its token is renewed when it is about to end, or was refused. Who
 * asks does not wait for that while the token is still good: the issuer may not answer, and a license be due back.
 *
 * @throws CommandFailed nobody is, the sign-in has ended, or its token could be read on the way
 * @throws ConnectionFailed it has to be renewed, and could not be now
 */
export const credentialOfSignIn = (environment: Environment, url: string): Credential => {
  let known: SignIn | undefined;
  let renewing: Promise<SignIn> | undefined;
  /** It goes on when nobody waits for it any more: the issuer may have made the refresh token before useless. */
  const renew = (stale: string): Promise<SignIn> => {
    renewing ??= renewSignIn(environment, url, stale)
      .then((fresh) => {
        known = fresh;
        return fresh;
      })
      .finally(() => {
        renewing = undefined;
      });
    return renewing;
  };
  return async ({ rejected }) => {
    known ??= await readSignIn(environment, url);
    if (!known)
      throw new CommandFailed('usage', 'Say who you are, with LEASEHOLD_API_KEY, or sign in with `leasehold login`.');
    requireEncryption(url);
    const { idToken } = known;
    if (idToken !== rejected && isValidFor(marginMs, known)) return idToken;
    const fresh = renew(idToken);
    if (idToken === rejected || !isValidFor(0, known)) return (await fresh).idToken;
    // Whoever needs the next one is told why there is none.
    fresh.catch(() => {});
    return idToken;
  };
};
