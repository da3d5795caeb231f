import { generateKeyPair, randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Context, Provider } from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';
import { readJson, writePrivateJson } from '../data-dir/json-files.ts';
import { type Account, accountOf, claimsOf, subjectOf } from '../demo-accounts.ts';
import { codeConfirmPage, codePage, signedInPage, signInPage, signOutPage } from './sign-in-page.ts';

/** Where the provider is mounted. */
export const MOUNT = '/oidc';
/** The `aud` of access tokens. */
export const AUDIENCE = 'leasehold';
/** The console's client ID: the `aud` of its ID tokens. A public client with PKCE. */
export const CONSOLE_CLIENT = 'leasehold-console';

/** The claim that lists groups, and the group of the vendor. */
export const GROUPS_CLAIM = 'groups';
export const VENDOR_GROUP = 'vendor';

const API = 'urn:leasehold:api';
const SCOPES = 'openid email profile offline_access';
/** A day, so that nobody has to sign in twice while working. */
const TOKEN_SECONDS = 24 * 60 * 60;
const apiServer = {
  audience: AUDIENCE,
  scope: 'api',
  accessTokenFormat: 'jwt',
  accessTokenTTL: TOKEN_SECONDS,
  jwt: { sign: { alg: 'RS256' } },
};

/** Returns the redirect URIs of the console and the command: native clients may use any loopback port (RFC 8252). */
const redirectUris = (baseUrl: string) =>
  [baseUrl, 'http://localhost', 'http://127.0.0.1'].flatMap((origin) =>
    ['/', '/console/', '/callback'].map((path) => origin + path),
  );

export interface Identity {
  issuer: string;
  /** The public keys that its tokens are signed with, as a JSON Web Key Set. */
  jwks: { keys: object[] };
  /** Answers what is under {@link MOUNT}. */
  handle: RequestListener;
  /** Issues an access token for an account, as a sign-in would. */
  mint(account: Account): Promise<string>;
}

/**
 * The stand-in for Cognito: an OpenID Connect provider whose sign-in page has no passwords. Its keys are saved, so tokens outlive
 * a restart; its sessions are not.
 */
export const createIdentity = async (baseUrl: string, dataDir: string): Promise<Identity> => {
  const issuer = `${baseUrl}${MOUNT}`;
  const key = await signingKey(join(dataDir, 'signing-key.json'));
  const provider = new Provider(issuer, configuration(baseUrl, key));
  provider.on('server_error', (_context, error) => console.error(error));
  const callback = provider.callback();

  return {
    issuer,
    jwks: { keys: [publicPart(key)] },
    handle: async (request, response) => {
      try {
        if (request.url?.startsWith(`${MOUNT}/interaction/`)) return await interact(provider, request, response);
        // As express does for mounted apps; the provider makes its own addresses from the two.
        Object.assign(request, { originalUrl: request.url, url: request.url?.slice(MOUNT.length) || '/' });
        await callback(request, response);
      } catch (error) {
        console.error(error);
        response.writeHead(400, { 'content-type': 'text/plain' }).end('This sign-in is over: start again.\n');
      }
    },
    mint: async (account) => {
      const client = await provider.Client.find(CONSOLE_CLIENT);
      return new provider.AccessToken({
        accountId: subjectOf(account),
        client: client!,
        scope: 'api',
        expiresIn: TOKEN_SECONDS,
        gty: 'authorization_code',
        resourceServer: new provider.ResourceServer(API, apiServer),
        extra: claimsOf(account),
      }).save();
    },
  };
};

/** The context by which the provider shows a page. */
interface Page {
  body: string;
}

const configuration = (baseUrl: string, key: object) => ({
  // Explicit, as the default logs a warning. Sign-ins end with the stack.
  adapter: createMemoryAdapter(),
  jwks: { keys: [key] },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  clients: [
    {
      client_id: CONSOLE_CLIENT,
      client_name: 'Leasehold',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
      redirect_uris: [...new Set(redirectUris(baseUrl))],
      post_logout_redirect_uris: [...new Set(redirectUris(baseUrl))],
    },
  ],
  clientBasedCORS: (_context: Context, origin: string) => /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/.test(origin),
  findAccount: (_context: Context, subject: string) => {
    const account = accountOf(subject);
    return account && { accountId: subject, claims: () => ({ sub: subject, ...claimsOf(account) }) };
  },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
  // ID tokens contain email and name, as Cognito's do.
  conformIdTokenClaims: false,
  extraTokenClaims: (_context: Context, token: { accountId: string }) => {
    const account = accountOf(token.accountId);
    return account && claimsOf(account);
  },
  features: {
    devInteractions: { enabled: false },
    deviceFlow: {
      enabled: true,
      userCodeInputSource: (context: Page, form: string, _out: unknown, error?: Error) => {
        context.body = codePage(form, error?.name);
      },
      userCodeConfirmSource: (context: Page, form: string, _client: unknown, _device: unknown, code: string) => {
        context.body = codeConfirmPage(form, code);
      },
      successSource: (context: Page) => {
        context.body = signedInPage;
      },
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (context: Page, form: string) => {
        context.body = signOutPage(form);
      },
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => API,
      getResourceServerInfo: () => apiServer,
      useGrantedResource: () => true,
    },
  },
  interactions: { url: (_context: Context, { uid }: { uid: string }) => `${MOUNT}/interaction/${uid}` },
  issueRefreshToken: () => true,
  // Grants everything to the only client, without a consent page.
  loadExistingGrant: async ({ oidc }: Context) => {
    const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId });
    grant.addOIDCScope(SCOPES);
    grant.addResourceScope(API, apiServer.scope);
    await grant.save();
    return grant;
  },
  ttl: {
    AccessToken: TOKEN_SECONDS,
    IdToken: TOKEN_SECONDS,
    RefreshToken: 30 * TOKEN_SECONDS,
    Grant: 30 * TOKEN_SECONDS,
    Session: 30 * TOKEN_SECONDS,
    Interaction: 60 * 60,
  },
});

/** Shows the sign-in page, and handles its form. */
const interact = async (provider: Provider, request: IncomingMessage, response: ServerResponse) => {
  const { prompt, params } = await provider.interactionDetails(request, response);
  if (prompt.name === 'consent') return provider.interactionFinished(request, response, { consent: {} });
  if (request.method === 'POST') {
    const email = new URLSearchParams(await readForm(request)).get('email')?.trim().toLowerCase() ?? '';
    const subject = subjectOf({ email });
    if (accountOf(subject)) return provider.interactionFinished(request, response, { login: { accountId: subject } });
  }
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'",
    })
    .end(signInPage(typeof params.login_hint === 'string' ? params.login_hint : ''));
};

const readForm = async (request: IncomingMessage): Promise<string> => {
  let form = '';
  for await (const chunk of request) {
    form += chunk;
    if (form.length > 10_000) throw new Error('The form is too large.');
  }
  return form;
};

type Jwk = Record<string, unknown>;

const signingKey = async (file: string): Promise<Jwk> => {
  const saved = readJson<Jwk>(file);
  if (saved) return saved;
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const key = {
    ...privateKey.export({ format: 'jwk' }),
    kid: randomBytes(8).toString('hex'),
    alg: 'RS256',
    use: 'sig',
  };
  writePrivateJson(file, key);
  return key;
};

const publicPart = ({ kty, n, e, kid, alg, use }: Jwk): Jwk => ({ kty, n, e, kid, alg, use });
