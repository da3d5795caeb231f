import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientError,
  type Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  type DeviceAuthorizationResponse,
  discovery,
  initiateDeviceAuthorization,
  None,
  pollDeviceAuthorizationGrant,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
  tokenRevocation,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { ConnectionFailed } from '../../errors.ts';
import { connectionFailed } from '../../explain.ts';
import { isLoopback } from '../../loopback.ts';
import { CommandFailed } from '../exit-codes.ts';
import { redirectUris } from './redirect-uris.ts';
import type { SignIn } from './sign-in-store.ts';

/** The OpenID Connect issuer, and this program's client there. */
export interface OidcClient {
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
}

/** Time limit of each request to the issuer, seconds. */
const timeout = 5;

/** Discovers the issuer's configuration. Plain http is allowed on this machine only. */
const discover = (
  { issuer, clientId }: Pick<OidcClient, 'issuer' | 'clientId'>,
  fetchAs = fetch,
): Promise<Configuration> => {
  const server = new URL(issuer);
  const execute = isLoopback(server) ? [allowInsecureRequests] : [];
  return discovery(server, clientId, undefined, None(), { execute, timeout, [customFetch]: fetchAs });
};

/** Returns the scopes, with `offline_access` (for renewals) if the issuer supports it. */
const scopeOf = ({ scopes }: OidcClient, configuration: Configuration): string => {
  const { scopes_supported: supported = [] } = configuration.serverMetadata();
  return [...new Set([...scopes, ...supported.filter((scope) => scope === 'offline_access')])].join(' ');
};

type Tokens = TokenEndpointResponse & TokenEndpointResponseHelpers;

const signInOf = (client: Pick<OidcClient, 'issuer' | 'clientId'>, tokens: Tokens, before?: SignIn): SignIn => {
  const claims = tokens.claims();
  if (!tokens.id_token || !claims) throw new CommandFailed('credential', `${client.issuer} gave no ID token.`);
  const refreshToken = tokens.refresh_token ?? before?.refreshToken;
  return {
    issuer: client.issuer,
    clientId: client.clientId,
    idToken: tokens.id_token,
    expiresAt: claims.exp * 1000,
    ...(refreshToken !== undefined && { refreshToken }),
  };
};

/** Listens for the browser's redirect on the first free port. */
const listenForRedirect = async (): Promise<{ server: Server; redirectUri: string }> => {
  for (const redirectUri of redirectUris) {
    const server = createServer();
    try {
      await once(server.listen(Number(new URL(redirectUri).port), 'localhost'), 'listening');
      return { server, redirectUri };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // EACCES: Windows reserves ports.
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    }
  }
  const ports = redirectUris.map((uri) => new URL(uri).port).join(', ');
  throw new CommandFailed(
    'unavailable',
    `The ports ${ports} of this machine are all in use or reserved: the browser can't return to the command.`,
  );
};

/** Time limit for a person to sign in, ms. */
const signInWithinMs = 10 * 60_000;

/** Waits for the redirect with this state; requests with another state are not of this sign-in. */
const waitForRedirect = (server: Server, redirectUri: string, state: string): Promise<URL> =>
  new Promise((resolve, reject) => {
    const tooLate = () =>
      reject(new CommandFailed('unavailable', 'Nobody signed in within 10 minutes: run `leasehold login` again.'));
    const timer = setTimeout(tooLate, signInWithinMs);
    server.on('close', () => clearTimeout(timer));
    server.on('request', ({ url = '/' }, response) => {
      const address = new URL(url, redirectUri);
      const ours = address.pathname === new URL(redirectUri).pathname && address.searchParams.get('state') === state;
      const text = ours ? 'Go back to the terminal: you can close this page.\n' : 'This is no sign-in.\n';
      // Only after the page is sent, as all connections are closed then.
      if (ours) response.on('close', () => resolve(address));
      response.writeHead(ours ? 200 : 404, { 'content-type': 'text/plain', connection: 'close' }).end(text);
    });
  });

/** Returns whether a token's times do not fit this machine's clock, which then is wrong. */
const isClockError = (error: unknown): boolean =>
  error instanceof ClientError && error.code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED';

/** Translates a failure of the library, except refusals. */
const failureOf = ({ issuer }: Pick<OidcClient, 'issuer'>, error: unknown): unknown => {
  const refused = (why: string) =>
    new CommandFailed('credential', `The sign-in with ${issuer} failed: ${why}.`, { cause: error });
  if (isClockError(error))
    return refused('its token does not fit the time. Set the clock of this machine, then sign in again');
  if (error instanceof WWWAuthenticateChallengeError) return refused('it does not know the client, or wants a secret');
  if (!(error instanceof TypeError || error instanceof ClientError)) return error;
  // The library's own errors of this class have a code; that of `fetch` has none.
  const code = 'code' in error ? error.code : undefined;
  return (error instanceof TypeError && code === undefined) || code === 'OAUTH_TIMEOUT'
    ? connectionFailed(new URL(issuer), error)
    : refused(error.message);
};

/** Translates a failure of the library during a sign-in. */
const signInFailureOf = (client: OidcClient, error: unknown): unknown =>
  error instanceof AuthorizationResponseError || error instanceof ResponseBodyError
    ? new CommandFailed('credential', `The sign-in was refused: ${error.error_description ?? error.error}.`)
    : failureOf(client, error);

/**
 * Signs in through a browser: Authorization Code with PKCE, and a redirect to this machine.
 *
 * @param show gets the address that the browser must open
 * @throws CommandFailed if the sign-in was refused
 * @throws ConnectionFailed if the issuer is unreachable
 */
export const signInByBrowser = async (
  client: OidcClient,
  show: (address: URL) => void,
  fetchAs: typeof fetch,
): Promise<SignIn> => {
  const { server, redirectUri } = await listenForRedirect();
  try {
    const configuration = await discover(client, fetchAs);
    const [verifier, state, nonce] = [randomPKCECodeVerifier(), randomState(), randomNonce()];
    const address = buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: scopeOf(client, configuration),
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    const back = waitForRedirect(server, redirectUri, state);
    show(address);
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    return signInOf(client, await authorizationCodeGrant(configuration, await back, checks));
  } catch (error) {
    throw signInFailureOf(client, error);
  } finally {
    server.close();
    // Browsers open connections that they do not use.
    server.closeAllConnections();
  }
};

/**
 * Signs in with a code that a person enters on any device (RFC 8628), for machines without a browser.
 *
 * @param show gets the address and the code
 * @throws CommandFailed if the issuer offers no such sign-in or refuses it, or nobody entered the code in time
 * @throws ConnectionFailed if the issuer is unreachable
 */
export const signInByCode = async (
  client: OidcClient,
  show: (code: Pick<DeviceAuthorizationResponse, 'verification_uri' | 'user_code'>) => void,
  fetchAs: typeof fetch,
): Promise<SignIn> => {
  let expired: AbortSignal | undefined;
  try {
    const configuration = await discover(client, fetchAs);
    if (configuration.serverMetadata().device_authorization_endpoint === undefined)
      throw new CommandFailed(
        'credential',
        `${client.issuer} offers no sign-in by a code: use \`leasehold login\` where there is a browser, or LEASEHOLD_API_KEY.`,
      );
    const code = await initiateDeviceAuthorization(configuration, { scope: scopeOf(client, configuration) });
    show(code);
    expired = AbortSignal.timeout(code.expires_in * 1000);
    return signInOf(client, await pollDeviceAuthorizationGrant(configuration, code, undefined, { signal: expired }));
  } catch (error) {
    if (expired?.aborted || (error instanceof ResponseBodyError && error.error === 'expired_token'))
      throw new CommandFailed('credential', 'Nobody entered the code in time: repeat `leasehold login --device`.');
    throw signInFailureOf(client, error);
  }
};

const signInEnded = (cause?: unknown) =>
  new CommandFailed('credential', 'Your sign-in has ended: sign in again with `leasehold login`.', { cause });

/** The error codes of an issuer for a refresh token that is no longer valid (RFC 6749, section 5.2). */
const endOfSignInErrors: ReadonlySet<string> = new Set(['invalid_grant', 'invalid_client', 'unauthorized_client']);

/** Translates a failure of the library during a renewal. */
const renewalFailureOf = (signIn: SignIn, error: unknown): unknown => {
  if (error instanceof ResponseBodyError && endOfSignInErrors.has(error.error)) return signInEnded(error);
  if (error instanceof CommandFailed || error instanceof WWWAuthenticateChallengeError || isClockError(error))
    return failureOf(signIn, error);
  return new ConnectionFailed(`Your sign-in could not be renewed at ${signIn.issuer}.`, { cause: error });
};

/**
 * Renews a sign-in.
 *
 * @throws CommandFailed if it can't be renewed
 * @throws ConnectionFailed if the issuer is unreachable or failed
 */
export const refresh = async (signIn: SignIn): Promise<SignIn> => {
  const { refreshToken } = signIn;
  if (refreshToken === undefined) throw signInEnded();
  try {
    return signInOf(signIn, await refreshTokenGrant(await discover(signIn), refreshToken), signIn);
  } catch (error) {
    throw renewalFailureOf(signIn, error);
  }
};

/** Revokes a sign-in at its issuer, if the issuer supports it. */
export const revoke = async (signIn: SignIn, fetchAs: typeof fetch): Promise<void> => {
  const configuration = await discover(signIn, fetchAs);
  if (signIn.refreshToken !== undefined && configuration.serverMetadata().revocation_endpoint !== undefined)
    await tokenRevocation(configuration, signIn.refreshToken);
};
