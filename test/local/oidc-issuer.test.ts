import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { type HttpServer, listen } from '../../infra/local/server/http-server.ts';
import { AUDIENCE, CONSOLE_CLIENT, createIdentity, type Identity } from '../../infra/local/sign-in/oidc-issuer.ts';

let directory: string;
let server: HttpServer;
let identity: Identity;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'leasehold-identity-'));
  server = await listen('localhost', 0);
  identity = await createIdentity(server.baseUrl, directory);
  server.answerWith(identity.handle);
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

const verified = async (token: string, audience: string, by = identity) =>
  (await jwtVerify(token, createLocalJWKSet(by.jwks as JSONWebKeySet), { issuer: by.issuer, audience })).payload;

it('mints access tokens that last 24 h and name the account', async () => {
  const token = await identity.mint(accounts.vendor);
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' });
  const { iat, exp, ...claims } = await verified(token, AUDIENCE);
  expect(exp! - iat!).toBe(24 * 60 * 60);
  expect(claims).toMatchObject({
    client_id: CONSOLE_CLIENT,
    email: 'vendor@leasehold.example',
    email_verified: true,
    name: 'Vera Vendor',
    groups: ['vendor'],
  });
});

it('keeps its key, so that tokens outlive a restart', async () => {
  const token = await identity.mint(accounts.user);
  const restarted = await createIdentity(server.baseUrl, directory);
  await expect(verified(token, AUDIENCE, restarted)).resolves.toMatchObject({ email: accounts.user.email });
  expect(statSync(join(directory, 'signing-key.json')).mode & 0o777).toBe(0o600);
});

it('publishes the public part of its key only', async () => {
  const published = (await (await fetch(`${identity.issuer}/jwks`)).json()) as JSONWebKeySet;
  expect(published.keys).toHaveLength(1);
  for (const key of [...published.keys, ...identity.jwks.keys]) expect(key).not.toHaveProperty('d');
});

/** A browser for sign-ins: keeps cookies, and returns the redirects. */
const browser = () => {
  const cookies = new Map<string, string>();
  return async (url: string | URL, form?: Record<string, string>) => {
    const response = await fetch(new URL(url, server.baseUrl), {
      method: form ? 'POST' : 'GET',
      body: form && new URLSearchParams(form),
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      cookies.set(name!, value!);
    }
    return response;
  };
};

it.each([
  ['a seeded account', accounts.admin.email, accounts.admin.name],
  ['anyone else', 'invited@elsewhere.example', 'invited@elsewhere.example'],
])('signs in %s with PKCE, without a password or a consent', async (_who, email, name) => {
  const visit = browser();
  const verifier = randomBytes(32).toString('base64url');
  const redirect = `${server.baseUrl}/`;
  const authorization = new URL(`${identity.issuer}/auth`);
  authorization.search = new URLSearchParams({
    client_id: CONSOLE_CLIENT,
    response_type: 'code',
    scope: 'openid email profile',
    redirect_uri: redirect,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 'kept',
  }).toString();

  let response = await visit(authorization);
  for (let hops = 0; hops < 10; hops++) {
    const location = response.headers.get('location');
    if (location?.startsWith(redirect) && location.includes('code=')) break;
    if (location) response = await visit(location);
    else {
      expect(await response.text()).toContain(accounts.admin.email);
      response = await visit(response.url, { email });
    }
  }
  const landed = new URL(response.headers.get('location')!);
  expect(landed.searchParams.get('state')).toBe('kept');

  const exchange = async (grant: Record<string, string>) => {
    const answer = await fetch(`${identity.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: CONSOLE_CLIENT, ...grant }),
    });
    return (await answer.json()) as { access_token: string; id_token: string; refresh_token: string };
  };
  const code = landed.searchParams.get('code')!;
  const tokens = await exchange({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirect,
    code_verifier: verifier,
  });
  const claims = { email, email_verified: true, name };
  expect(await verified(tokens.access_token, AUDIENCE)).toMatchObject(claims);
  expect(await verified(tokens.id_token, CONSOLE_CLIENT)).toMatchObject(claims);

  const refreshed = await exchange({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
  expect(await verified(refreshed.access_token, AUDIENCE)).toMatchObject(claims);
});
