import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { redirectUris } from '../../client/command/sign-in/redirect-uris.ts';
import { faultyServer, json, type Reaction, refuse } from '../client/faulty-server.ts';
import { startService } from '../client/service.ts';
import { leasehold } from './command.ts';

const { credentials, as, subscribe } = await startService();
const { baseUrl, organizationId } = credentials;
const home = mkdtempSync(join(tmpdir(), 'leasehold-home-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const file = join(home, 'leasehold', 'sign-ins.json');
const run = (...args: string[]) => leasehold(args, { LEASEHOLD_URL: baseUrl, XDG_CONFIG_HOME: home });
const kept = () => JSON.parse(readFileSync(file, 'utf8'))[`${baseUrl}/`];
const change = (fields: object) => writeFileSync(file, JSON.stringify({ [`${baseUrl}/`]: { ...kept(), ...fields } }));

/** A browser: keeps cookies, follows redirects, and signs in where the issuer asks. */
const browserOf = (email: string) => {
  const cookies = new Map<string, string>();
  const visit = async (url: string, form?: Record<string, string>): Promise<Response> => {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location) return visit(new URL(location, url).href);
    return url.includes('/interaction/') && !form ? visit(url, { email }) : response;
  };
  return visit;
};

/** Listens on the port of the first of some URIs that no other process of this machine has. Returns that URI. */
const takeFirst = async (uris: readonly string[]) => {
  for (const uri of uris) {
    const server = createServer();
    onTestFinished(() => void server.close());
    const listens = once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.listen(Number(new URL(uri).port), 'localhost');
    if (await listens) return uri;
  }
  throw new Error('Other processes have all ports.');
};

const signIn = async (email: string, ...flags: string[]) => {
  const { ended, saw, said } = run('login', '--no-browser', ...flags);
  await saw('redirect_uri');
  const [, address = ''] = /^ {2}(http\S+)\n/m.exec(said.stderr) ?? [];
  return { address, page: await (await browserOf(email)(address)).text(), ...(await ended) };
};

describe('leasehold login', () => {
  it('signs in through a browser; later commands need no API key', async () => {
    const { code, stdout, stderr, page, address } = await signIn('admin@acme.example');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`--organization ${organizationId}`) });
    expect(page).toContain('Go back to the terminal');
    expect(Object.fromEntries(new URL(address).searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: expect.stringContaining('offline_access'),
    });
    const { stdout: machines } = await run('machines', 'list', '--product', 'KRE', '--organization', organizationId)
      .ended;
    expect(machines).toBe('No registered machines.\n');

    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const secret of [kept().idToken, kept().refreshToken]) expect(`${stdout}${stderr}`).not.toContain(secret);
  });

  it('goes on after the token has ended, also with two commands at once', async () => {
    await signIn('user@acme.example');
    const before = kept();
    change({ expiresAt: Date.now() - 1000 });
    const both = await Promise.all([run('organizations').ended, run('organizations').ended]);
    for (const one of both) expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining(organizationId) });
    expect(kept().expiresAt).toBeGreaterThan(Date.now());
    expect(kept().refreshToken).not.toBe(before.refreshToken);
  });

  it('goes on after the service refused the token', async () => {
    await signIn('user@acme.example');
    change({ idToken: 'a.b.c' });
    expect(await run('organizations').ended).toMatchObject({ code: 0 });
  });

  it('says to sign in again once the sign-in can’t be renewed', async () => {
    await signIn('user@acme.example');
    change({ expiresAt: 0, refreshToken: 'revoked' });
    expect(await run('organizations').ended).toMatchObject({
      code: 67,
      stdout: '',
      stderr: 'leasehold: Your sign-in has ended: sign in again with `leasehold login`.\n',
    });
  });

  it.each([
    ['does not answer', 'silence', 200],
    ['has too much to do', 'slow_down', 429],
  ])('goes on with a token that is still good when the issuer %s', async (_, error, status) => {
    await signIn('user@acme.example');
    const issuer = await startIssuer((at) => ({ token_endpoint: `${at}/token` }), error, { status });
    change({ issuer, expiresAt: Date.now() + 55_000 });
    expect(await run('organizations').ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(organizationId),
    });
    change({ expiresAt: 0 });
    expect(await run('organizations').ended).toMatchObject({
      code: 69,
      stderr: `leasehold: Your sign-in could not be renewed at ${issuer}.\n`,
    });
  });

  it('gives a license back while the issuer does not answer', async () => {
    await signIn('user@acme.example');
    const product = await subscribe({ leaseSeconds: 3600 });
    const issuer = await startIssuer((at) => ({ token_endpoint: `${at}/token` }), 'silence');
    change({ issuer, expiresAt: Date.now() + 55_000 });
    const { child, ended, saw } = run(
      ...[
        'run',
        '--product',
        product,
        '--organization',
        organizationId,
        '--',
        'sh',
        '-c',
        'echo running; exec sleep 60',
      ],
    );
    await saw('running');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ signal: 'SIGTERM', stderr: '' });
    expect((await as('owner').listActivations({ product })).items).toEqual([]);
  });

  it('comes back to another port if the first is in use', async () => {
    const taken = await takeFirst(redirectUris);
    const { code, address } = await signIn('user@acme.example');
    expect(code).toBe(0);
    expect(redirectUris.filter((uri) => uri !== taken)).toContain(new URL(address).searchParams.get('redirect_uri'));
  });

  it('ends although the browser keeps an unused connection open', async () => {
    const { ended, saw, said } = run('login', '--no-browser');
    await saw('redirect_uri');
    const [, address = ''] = /^ {2}(http\S+)\n/m.exec(said.stderr) ?? [];
    const { port } = new URL(new URL(address).searchParams.get('redirect_uri') ?? '');
    const spare = connect(Number(port), 'localhost');
    await once(spare, 'connect');
    const page = await (await browserOf('user@acme.example')(address)).text();
    expect(page).toContain('Go back to the terminal');
    expect(await ended).toMatchObject({ code: 0 });
  });

  it('accepts only the answer to its own request', async () => {
    const { ended, saw, said } = run('login', '--no-browser');
    await saw('redirect_uri');
    const [, address = ''] = /^ {2}(http\S+)\n/m.exec(said.stderr) ?? [];
    const back = new URL(address).searchParams.get('redirect_uri') ?? '';
    const forged = await fetch(`${back}?code=stolen&state=guessed`);
    expect(forged.status).toBe(404);
    // The command still waits for its own answer.
    await browserOf('user@acme.example')(address);
    expect(await ended).toMatchObject({ code: 0 });
  });
});

/** Signs in with a code: enters it where the command said, and confirms or refuses it. */
const signInByCode = async (email: string, answer: 'confirm' | 'abort') => {
  const { ended, saw, said } = run('login', '--device');
  await saw('enter the code');
  const [, address = '', code = ''] = /^ {2}(http\S+)\n.*\n {2}(\S+)\n/m.exec(said.stderr) ?? [];
  const visit = browserOf(email);
  const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(await (await visit(address)).text()) ?? [];
  const asked = await (await visit(address, { xsrf, user_code: code })).text();
  const page = await (await visit(address, { xsrf, user_code: code, [answer]: 'yes' })).text();
  return { code, asked, page, ended: await ended };
};

/** An issuer with this metadata, which answers requests for tokens with this error; `silence`: no answer. */
const startIssuer = async (
  endpoints: (issuer: string) => Record<string, string>,
  error = 'expired_token',
  {
    status = 400,
    headers = {},
    tokens,
    codeSeconds = 600,
  }: {
    status?: number;
    headers?: Record<string, string>;
    tokens?: (issuer: string) => object;
    codeSeconds?: number;
  } = {},
): Promise<string> => {
  const server = createHttpServer(({ url }, response) => {
    const { port } = server.address() as AddressInfo;
    const issuer = `http://localhost:${port}`;
    response.setHeader('content-type', 'application/json');
    if (url?.startsWith('/.well-known/')) response.end(JSON.stringify({ issuer, ...endpoints(issuer) }));
    else if (url === '/code')
      response.end(
        JSON.stringify({
          device_code: 'd',
          user_code: 'ABCD',
          verification_uri: issuer,
          expires_in: codeSeconds,
          interval: 1,
        }),
      );
    else if (error !== 'silence')
      response.writeHead(status, headers).end(JSON.stringify(tokens?.(issuer) ?? { error }));
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, 'localhost'), 'listening');
  return `http://localhost:${(server.address() as AddressInfo).port}`;
};

describe('leasehold login --device', () => {
  it('signs in with a code that is entered elsewhere; later commands need no API key', async () => {
    const { code, asked, page, ended } = await signInByCode('admin@acme.example', 'confirm');
    expect(asked).toContain(code);
    expect(page).toContain('You can close this page');
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining(`--organization ${organizationId}`) });
    change({ expiresAt: 0 });
    expect(await run('organizations').ended).toMatchObject({ code: 0 });
  });

  it('says so when the person refuses', async () => {
    const { page, ended } = await signInByCode('admin@acme.example', 'abort');
    expect(page).toContain('The sign-in was refused');
    expect(ended).toMatchObject({ code: 67, stderr: expect.stringContaining('The sign-in was refused') });
  });

  it.each(['expired_token', 'authorization_pending'])(
    'says so when nobody enters the code in time, and the issuer says %s',
    async (error) => {
      const issuer = await startIssuer(
        (at) => ({ device_authorization_endpoint: `${at}/code`, token_endpoint: `${at}/token` }),
        error,
        { codeSeconds: 2 },
      );
      expect(await run('login', '--device', '--issuer', issuer, '--client-id', 'c').ended).toMatchObject({
        code: 67,
        stderr: expect.stringContaining('Nobody entered the code in time'),
      });
    },
  );

  it('says so when the issuer wants the client to authenticate', async () => {
    const issuer = await startIssuer((at) => ({ device_authorization_endpoint: `${at}/token` }), 'invalid_client', {
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="clients"' },
    });
    expect(await run('login', '--device', '--issuer', issuer, '--client-id', 'c').ended).toMatchObject({
      code: 67,
      stderr: expect.stringContaining('does not know the client'),
    });
  });

  it('says what to do where the issuer offers no such sign-in', async () => {
    const issuer = await startIssuer((at) => ({ token_endpoint: `${at}/token` }));
    expect(await run('login', '--device', '--issuer', issuer, '--client-id', 'c').ended).toMatchObject({
      code: 67,
      stderr: expect.stringContaining('LEASEHOLD_API_KEY'),
    });
  });
});

describe('leasehold logout', () => {
  it('forgets the sign-in, and may be repeated', async () => {
    await signIn('user@acme.example');
    for (const _ of ['out', 'again']) expect(await run('logout').ended).toMatchObject({ code: 0, stderr: '' });
    expect(kept()).toBeUndefined();
    expect(await run('organizations').ended).toMatchObject({
      code: 67,
      stderr: expect.stringContaining('leasehold login'),
    });
  });
});

/** The tokens of an issuer for the client `c`. */
const tokensOf = (iss: string, lifeSeconds: number) => {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss, aud: 'c', sub: 'ada', iat: now, exp: now + lifeSeconds };
  return {
    access_token: 'a',
    token_type: 'bearer',
    id_token: `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`,
  };
};

/** A service with an issuer of its own, which answers other requests with this. */
const startOther = async (answer: Reaction, lifeSeconds = 3600) => {
  const issuer = await startIssuer(
    (at) => ({ device_authorization_endpoint: `${at}/code`, token_endpoint: `${at}/token` }),
    undefined,
    {
      status: 200,
      tokens: (iss) => tokensOf(iss, lifeSeconds),
    },
  );
  const service = await faultyServer((response, arrived) =>
    arrived.url.endsWith('/config.json')
      ? json(200, { issuer, clientId: 'page', commandClientId: 'c' })(response, arrived)
      : answer(response, arrived),
  );
  return { ...service, issuer };
};

const loginTo = (url: string, environment: Record<string, string> = {}) =>
  leasehold(['login', '--device'], { LEASEHOLD_URL: url, XDG_CONFIG_HOME: home, ...environment }).ended;

describe('a sign-in to another service', () => {
  const twoPages: Reaction = (response, arrived) =>
    arrived.url.includes('cursor=')
      ? json(200, { items: [{ id: 'org_2', name: 'Last', role: 'owner' }] })(response, arrived)
      : json(200, { items: [{ id: 'org_1', name: 'Fir\u001b[2Jst', role: null }], nextCursor: 'next' })(
          response,
          arrived,
        );

  it('lists all organizations, with harmless names, and mentions a configured API key', async () => {
    const { baseUrl } = await startOther(twoPages);
    const { code, stdout, stderr } = await loginTo(baseUrl, { LEASEHOLD_API_KEY: 'lh_x' });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `You are signed in to ${baseUrl}.\n  --organization org_1: Fir [2Jst\n  --organization org_2: Last, as owner\n`,
    });
    expect(stderr).toContain('an API key is configured');
  });

  it('is separate for each path of a host, and each names its own issuer', async () => {
    const { baseUrl, arrived } = await startOther(twoPages);
    expect(await loginTo(`${baseUrl}/eu`)).toMatchObject({ code: 0 });
    expect(arrived.map(({ url }) => url.split('?')[0])).toEqual([
      '/eu/config.json',
      '/eu/v1/organizations',
      '/eu/v1/organizations',
    ]);
    expect(
      await leasehold(['organizations'], { LEASEHOLD_URL: `${baseUrl}/us`, XDG_CONFIG_HOME: home }).ended,
    ).toMatchObject({ code: 67 });
  });

  it('is not saved if the service refuses it; the sign-in before stays', async () => {
    const { baseUrl, issuer } = await startOther(refuse(401, 'unauthenticated'));
    const before = { idToken: 'a.b.c', expiresAt: Date.now() + 3_600_000, issuer, clientId: 'other' };
    writeFileSync(file, JSON.stringify({ [`${baseUrl}/`]: before }));
    expect(await loginTo(baseUrl)).toMatchObject({ code: 67, stderr: expect.stringContaining('nothing was saved') });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ [`${baseUrl}/`]: before });
  });

  it('says that the clock is wrong if a new token has already expired', async () => {
    const { baseUrl } = await startOther(twoPages, -3600);
    expect(await loginTo(baseUrl)).toMatchObject({ code: 67, stderr: expect.stringContaining('Set the clock') });
  });

  it('does not begin where it could not be saved', async () => {
    const { baseUrl, arrived } = await startOther(twoPages);
    const notFolder = join(home, 'file');
    writeFileSync(notFolder, '');
    expect(await loginTo(baseUrl, { XDG_CONFIG_HOME: notFolder })).toMatchObject({
      code: 78,
      stderr: expect.stringMatching(
        /^leasehold: Sign-ins can't be saved in .*\(ENOTDIR\): .*LEASEHOLD_API_KEY instead\.\n$/,
      ),
    });
    expect(arrived).toEqual([]);
  });

  it('needs flags where the service names no issuer', async () => {
    const { baseUrl } = await faultyServer(refuse(404, 'not-found'));
    expect(await loginTo(baseUrl)).toMatchObject({ code: 69, stderr: expect.stringContaining('--issuer') });
  });

  it('fails while the service is down', async () => {
    expect(await loginTo('http://127.0.0.1:9')).toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/^leasehold: Can't reach http:\/\/127\.0\.0\.1:9: /),
    });
  });
});
