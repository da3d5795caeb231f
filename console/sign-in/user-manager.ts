import { ErrorResponse, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { ConnectionFailed, type Credential } from '../../client/index.ts';
import type { ConsoleConfig } from '../config.ts';

/** The state of a sign-in: the address where it began. */
export interface SignInState {
  returnTo: string;
}

/** Returns the current address, for a sign-in to return to. */
export const currentLocation = (): SignInState => ({ returnTo: location.pathname + location.search });

/**
 * Signs in by the Authorization Code flow with PKCE. Tokens are stored for this tab only, and renewed on use:
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
    // Shared with other windows, as a sign-in may end in another window.
    stateStore: new WebStorageStateStore({ store: localStorage }),
    // Concurrent renewals would use one refresh token twice; issuers with rotation take that for theft.
    automaticSilentRenew: false,
  });

/** The sign-in has ended, and can't be renewed without the user. */
export class SignInEnded extends Error {
  override readonly name = 'SignInEnded';
}

/**
 * Returns a function for the bearer token: the ID token, as Cognito's access tokens lack the email. Renews an expired or rejected
 * token first, once for all concurrent callers.
 *
 * @throws SignInEnded if it can't be renewed
 * @throws ConnectionFailed if the issuer is unreachable or failed; a later renewal may succeed
 */
export const tokenSource = (manager: UserManager): Extract<Credential, (...args: never) => unknown> => {
  let renewing: Promise<string> | undefined;

  const renew = async (): Promise<string> => {
    const before = await manager.getUser();
    // Without a refresh token the library would use a frame, which the page's policy forbids.
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

/** Returns whether the issuer refused; its own failures and network failures say nothing about the sign-in. */
const isRefusal = (error: unknown): boolean =>
  error instanceof ErrorResponse && error.error !== 'server_error' && error.error !== 'temporarily_unavailable';
