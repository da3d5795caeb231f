import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { redirectUris } from '../../client/command/redirects.ts';
import { startService } from '../client/service.ts';
import { leasehold } from './command.ts';

vi.setConfig({ testTimeout: 60_000 });

const { credentials } = await startService();
const { baseUrl, organizationId } = credentials;
const home = mkdtempSync(join(tmpdir(), 'leasehold-home-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const file = join(home, 'leasehold', 'sign-ins.json');
const run = (...args: string[]) => leasehold(args, { LEASEHOLD_URL: baseUrl, XDG_CONFIG_HOME: home });
const kept = () => JSON.parse(readFileSync(file, 'utf8'))[`${baseUrl}/`];
const change = (fields: object) => writeFileSync(file, JSON.stringify({ [`${baseUrl}/`]: { ...kept(), ...fields } }));

/** A browser: keeps cookies, follows redirects, and says who it is where the issuer asks. */
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

const signIn = async (email: string, ...flags: string[]) => {
  const { ended, saw, said } = run('login', '--no-browser', ...flags);
  await saw('redirect_uri');
  const [, address = ''] = /^ {2}(http\S+)\n/m.exec(said.stderr) ?? [];
  return { address, page: await (await browserOf(email)(address)).text(), ...(await ended) };
};

describe('leasehold login', () => {
  it('signs in through a browser, and what follows needs no API key', async () => {
    const { code, stdout, stderr, page, address } = await signIn('admin@acme.example');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`--organization ${organizationId}`) });
    expect(page).toContain('Go back to the terminal');
    expect(Object.fromEntries(new URL(address).searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
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

  it('says that it is to be repeated once it can’t be renewed', async () => {
    await signIn('user@acme.example');
    change({ expiresAt: 0, refreshToken: 'revoked' });
    expect(await run('organizations').ended).toMatchObject({
      code: 77,
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
    change({ issuer, expiresAt: Date.now() + 30_000 });
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

  it('comes back to another port if the first is in use', async () => {
    const { port } = new URL(redirectUris[0] ?? '');
    const taken = createServer().listen(Number(port), 'localhost');
    onTestFinished(() => void taken.close());
    const { code, address } = await signIn('user@acme.example');
    expect({ code, back: new URL(address).searchParams.get('redirect_uri') }).toEqual({
      code: 0,
      back: redirectUris[1],
    });
  });

  it('takes no answer but the one to its own question', async () => {
    const { child, saw, said } = run('login', '--no-browser');
    await saw('redirect_uri');
    const back = new URL(/redirect_uri=([^&\s]+)/.exec(decodeURIComponent(said.stderr))?.[1] ?? '');
    const forged = await fetch(`${back.href}?code=stolen&state=guessed`);
    expect(forged.status).toBe(404);
    expect(child.exitCode).toBeNull();
  });

  it('says what to do where the service does not tell whom to sign in with', async () => {
    const nowhere = leasehold(['login'], { LEASEHOLD_URL: 'http://127.0.0.1:9', XDG_CONFIG_HOME: home });
    expect(await nowhere.ended).toMatchObject({ code: 69, stderr: expect.stringContaining('--issuer') });
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

/** An issuer that says this of itself; whoever asks it for tokens gets this error; `silence`: no answer. */
const startIssuer = async (
  endpoints: (issuer: string) => Record<string, string>,
  error = 'expired_token',
  { status = 400, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Promise<string> => {
  const server = createHttpServer(({ url }, response) => {
    const { port } = server.address() as AddressInfo;
    const issuer = `http://localhost:${port}`;
    response.setHeader('content-type', 'application/json');
    if (url?.startsWith('/.well-known/')) response.end(JSON.stringify({ issuer, ...endpoints(issuer) }));
    else if (url === '/code')
      response.end(
        JSON.stringify({ device_code: 'd', user_code: 'ABCD', verification_uri: issuer, expires_in: 2, interval: 1 }),
      );
    else if (error !== 'silence') response.writeHead(status, headers).end(JSON.stringify({ error }));
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, 'localhost'), 'listening');
  return `http://localhost:${(server.address() as AddressInfo).port}`;
};

describe('leasehold login --device', () => {
  it('signs in with a code that is entered elsewhere, and what follows needs no API key', async () => {
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
    expect(ended).toMatchObject({ code: 77, stderr: expect.stringContaining('The sign-in was refused') });
  });

  it.each(['expired_token', 'authorization_pending'])(
    'says so when nobody enters the code in time, and the issuer says %s',
    async (error) => {
      const issuer = await startIssuer(
        (at) => ({ device_authorization_endpoint: `${at}/code`, token_endpoint: `${at}/token` }),
        error,
      );
      expect(await run('login', '--device', '--issuer', issuer, '--client-id', 'c').ended).toMatchObject({
        code: 77,
        stderr: expect.stringContaining('Nobody entered the code in time'),
      });
    },
  );

  it('says so when the issuer wants the client to prove who it is', async () => {
    const issuer = await startIssuer((at) => ({ device_authorization_endpoint: `${at}/token` }), 'invalid_client', {
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="clients"' },
    });
    expect(await run('login', '--device', '--issuer', issuer, '--client-id', 'c').ended).toMatchObject({
      code: 77,
      stderr: expect.stringContaining('does not know the client'),
    });
  });

  it('says what to do where the issuer offers no such sign-in', async () => {
    const issuer = await startIssuer((at) => ({ token_endpoint: `${at}/token` }));
    expect(await run('login', '--device', '--issuer', issuer, '--client-id', 'c').ended).toMatchObject({
      code: 77,
      stderr: expect.stringContaining('LEASEHOLD_API_KEY'),
    });
  });
});

describe('leasehold logout', () => {
  it('forgets the sign-in, as often as one likes', async () => {
    await signIn('user@acme.example');
    for (const _ of ['out', 'again']) expect(await run('logout').ended).toMatchObject({ code: 0, stderr: '' });
    expect(kept()).toBeUndefined();
    expect(await run('organizations').ended).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('leasehold login'),
    });
  });
});
