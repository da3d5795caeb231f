import type { Credential } from '../../send.ts';
import { CommandFailed } from '../exit-codes.ts';
import type { Environment } from '../settings/config.ts';
import { requireEncryption } from '../settings/urls.ts';
import { readSignIn, type SignIn, updateSignIn } from './sign-in-store.ts';

/** How long before its end a token is renewed, ms: the service's clock may be ahead. */
const marginMs = 60_000;
const isValidFor = (ms: number, { expiresAt }: SignIn) => expiresAt - ms > Date.now();

/** Returns the sign-in with a fresh token. Another command may have renewed it already. */
const renewSignIn = (environment: Environment, url: string, stale: string): Promise<SignIn> =>
  updateSignIn(environment, url, async (saved) => {
    if (!saved) throw new CommandFailed('credential', 'You have signed out: sign in again with `leasehold login`.');
    if (saved.idToken !== stale && isValidFor(marginMs, saved)) return saved;
    const { refresh } = await import('./sign-in.ts');
    return refresh(saved);
  });

/**
 * Returns the credential of the signed-in person. Renews the token when it is about to end or was refused. While the token is
 * valid, nothing waits for the renewal: the issuer may not answer, and a release may be due.
 *
 * @throws CommandFailed if nobody is signed in, the sign-in has ended, or others on the way could read its token
 * @throws ConnectionFailed if the token must be renewed and the issuer is unreachable
 */
export const credentialOfSignIn = (environment: Environment, url: string): Credential => {
  let known: SignIn | undefined;
  let renewing: Promise<SignIn> | undefined;
  /** Never cancelled: the issuer may already have invalidated the previous refresh token. */
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
    if (!known) throw new CommandFailed('credential', 'Set LEASEHOLD_API_KEY, or sign in with `leasehold login`.');
    requireEncryption(url);
    const { idToken } = known;
    if (idToken !== rejected && isValidFor(marginMs, known)) return idToken;
    const fresh = renew(idToken);
    if (idToken === rejected || !isValidFor(0, known)) return (await fresh).idToken;
    // The next caller gets the error.
    fresh.catch(() => {});
    return idToken;
  };
};
