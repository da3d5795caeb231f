import { UserManager, WebStorageStateStore } from 'oidc-client-ts';
import type { Credential } from '../../client/index.ts';
import type { ConsoleConfig } from '../config.ts';

/** What a sign-in brings back to the page: where it was begun. */
export interface SignInState {
  returnTo: string;
}

/** Where the user is now, for a sign-in to come back to. */
export const here = (): SignInState => ({ returnTo: location.pathname + location.search });

/**
 * Signs in by the Authorization Code flow with PKCE. The tokens are kept for this tab alone, and renewed with the refresh
 * token before they end.
 */
export const createUserManager = ({ issuer, clientId, scopes }: ConsoleConfig): UserManager =>
  new UserManager({
    authority: issuer,
    client_id: clientId,
    scope: scopes.join(' '),
    redirect_uri: `${location.origin}/`,
    post_logout_redirect_uri: `${location.origin}/`,
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    // What a sign-in has begun with is for the window in which it ends, which may be another one.
    stateStore: new WebStorageStateStore({ store: localStorage }),
    automaticSilentRenew: true,
  });

/** The sign-in has ended, and can't be renewed without the user. */
export class SignInEnded extends Error {
  override readonly name = 'SignInEnded';
}

/**
 * Gives the bearer token of the service: the ID token, since an access token of Cognito does not tell the email. One that has
 * ended, or that the service rejected, is renewed first, once for all who ask meanwhile.
 *
 * @throws SignInEnded if it can't be renewed
 */
export const tokenSource = (manager: UserManager): Extract<Credential, (...args: never) => unknown> => {
  let renewing: Promise<string> | undefined;

  const renew = async (): Promise<string> => {
    const before = await manager.getUser();
    // Without a refresh token it would be tried in a frame, which the page's policy forbids.
    const renewed = before?.refresh_token ? await manager.signinSilent().catch(() => null) : null;
    if (!renewed?.id_token) throw new SignInEnded('Your sign-in has ended.');
    return renewed.id_token;
  };

  return async ({ rejected }) => {
    const user = await manager.getUser();
    if (user?.id_token && !user.expired && user.id_token !== rejected) return user.id_token;
    renewing ??= renew().finally(() => {
      renewing = undefined;
    });
    return renewing;
  };
};
