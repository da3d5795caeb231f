import { ErrorResponse, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { ConnectionFailed, type Credential } from '../../client/index.ts';
import type { ConsoleConfig } from '../config.ts';

/** What a sign-in brings back to the page: where it was begun. */
export interface SignInState {
  returnTo: string;
}

/** Where the user is now, for a sign-in to come back to. */
export const currentLocation = (): SignInState => ({ returnTo: location.pathname + location.search });

/**
 * Signs in by the Authorization Code flow with PKCE. The tokens are kept for this tab alone, and renewed by whoever needs one:
 * {@link tokenSource}.
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
    // Two who renew at once use one refresh token twice: an issuer that rotates them takes that for theft.
    automaticSilentRenew: false,
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
 * @throws ConnectionFailed if the issuer does not answer, or has failed: it may be renewed later
 */
export const tokenSource = (manager: UserManager): Extract<Credential, (...args: never) => unknown> => {
  let renewing: Promise<string> | undefined;

  const renew = async (): Promise<string> => {
    const before = await manager.getUser();
    // Without a refresh token it would be tried in a frame, which the page's policy forbids.
    if (!before?.refresh_token) throw new SignInEnded('Your sign-in has ended.');
    try {
      const renewed = await manager.signinSilent();
      if (renewed?.id_token) return renewed.id_token;
    } catch (cause) {
      if (!isRefusal(cause)) throw new ConnectionFailed('The sign-in could not be renewed.', { cause });
    }
    throw new SignInEnded('Your sign-in has ended.');
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

/** Whether the issuer has decided: what fails of its own, or on the way to it, says nothing about the sign-in. */
const isRefusal = (error: unknown): boolean =>
  error instanceof ErrorResponse && error.error !== 'server_error' && error.error !== 'temporarily_unavailable';
