import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { exitCodeMeanings, exitCodes } from '../../client/command/exit-codes.ts';
import { saveSignIn } from '../../client/command/sign-in/sign-in-store.ts';
import { closed, faultyServer, json, refuse } from '../client/faulty-server.ts';
import { inProcess } from './in-process.ts';

const configured = {
  LEASEHOLD_URL: 'http://127.0.0.1:9',
  LEASEHOLD_ORGANIZATION: 'org_1',
  LEASEHOLD_API_KEY: 'lh_x',
};
const at = (LEASEHOLD_URL: string) => ({ ...configured, LEASEHOLD_URL });
/** The client tries again without a pause. */
const hasten = () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
};

it.each([
  ['status --product KRE --url nonsense', 78, '"nonsense" is no address of a service'],
  ['status --product KRE --url ftp://licenses.example.com', 78, 'is no address of a service'],
  ['login --url nonsense', 78, '"nonsense" is no address of a service'],
  ['login --issuer nonsense --client-id x', 64, '"nonsense" is no address of an issuer'],
  ['login --url http://licenses.example.com', 78, 'http://licenses.example.com is not https'],
  ['activate --product ..', 64, 'Use 1–32 characters: A–Z, 0–9'],
  ['status --product KRE --organization ..', 78, '".." can’t be the ID of the organization'],
  ['release --product KRE --session-id .', 78, '"." can’t be the ID of the session'],
  ['machines remove --product KRE m-1 ', 64, "'' is invalid for argument 'machine-id'"],
  ['activations end --product KRE one ..', 64, "'..' is invalid for argument 'session-id'"],
  ['users remove --product KSE ', 64, "'' is invalid for argument 'user'"],
  ['organizations --organization org_1', 64, "unknown option '--organization'"],
  ['offline keys --api-key lh_x', 64, "unknown option '--api-key'"],
  ['offline download --product KRE .', 64, "'.' is invalid for argument 'license-id'"],
  ['status', 64, "required option '-p, --product <code>' not specified"],
  ['status --prodct KRE -p KRE', 64, '(Did you mean --product?)'],
  ['run -p KRE --wiat 5m -- true', 64, "unknown option '--wiat' (Did you mean --wait?)"],
  ['staus', 64, '(Did you mean status?)'],
  ['vendor renew -p KRE --until 12', 64, 'Say it as 2027-01-31 or 2027-01-31T09:30:00Z.'],
  ['vendor renew -p KRE --until 01.02.2028', 64, 'Say it as 2027-01-31 or 2027-01-31T09:30:00Z.'],
  ['vendor renew -p KRE --until 2028/1/31', 64, 'Say it as 2027-01-31 or 2027-01-31T09:30:00Z.'],
  ['vendor renew -p KRE --until 2027-02-30', 64, 'Say it as 2027-01-31 or 2027-01-31T09:30:00Z.'],
  ['vendor renew -p KRE --until 2027-01-31T09:30:00', 64, 'Say it as 2027-01-31 or 2027-01-31T09:30:00Z.'],
  ['vendor audit --from 12', 64, 'Say it as 2027-01-31 or 2027-01-31T09:30:00Z.'],
])('`%s` is wrong, and one sentence says why', async (line, exitCode, why) => {
  const { code, stderr } = await inProcess(line.split(' '), configured);
  expect({ code, stderr }).toEqual({ code: exitCode, stderr: expect.stringContaining(why) });
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

it('without a URL nothing is configured; an empty flag counts as unset, like a variable', async () => {
  for (const words of [
    ['status', '-p', 'KRE'],
    ['status', '-p', 'KRE', '--url', ''],
  ])
    expect(await inProcess(words, { ...configured, LEASEHOLD_URL: '' })).toMatchObject({
      code: 78,
      stderr: 'leasehold: Say where the service is, with LEASEHOLD_URL or --url.\n',
    });
  expect(await inProcess(['status', '-p', 'KRE'], { LEASEHOLD_URL: 'http://127.0.0.1:9' })).toMatchObject({
    code: 67,
    stderr: expect.stringContaining('LEASEHOLD_API_KEY'),
  });
});

describe('a service that can’t be reached is told in one sentence, with what to do', () => {
  const page = (status: number) => (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'text/html' }).end('<html>\n<h1>Sign in</h1>');
  it.each([
    ['the host name', async () => 'https://licenses.invalid', 'the host name was not found'],
    ['the port', async () => closed, 'nothing listens there'],
    ['a port that is blocked', async () => 'http://127.0.0.1:9', 'the connection broke.'],
    ['TLS', async () => (await faultyServer(json(200, {}))).baseUrl.replace('http:', 'https:'), 'NODE_EXTRA_CA_CERTS'],
    ['a web page', async () => (await faultyServer(page(200))).baseUrl, 'with a web page instead'],
    ['a missing page', async () => (await faultyServer(page(404))).baseUrl, 'answered 404 with a web page instead'],
    ['a gateway', async () => (await faultyServer(page(502))).baseUrl, 'answered 502 with a web page: the service'],
    ['other JSON', async () => (await faultyServer(json(200, { login: 1 }))).baseUrl, 'but not as the service does'],
  ])('%s', async (_, url, sentence) => {
    hasten();
    const environment = at(await url());
    for (const line of ['status -p KRE', 'why -p KRE', 'run -p KRE -- true', 'activations end -p KRE s']) {
      const { code, stderr } = await inProcess(line.split(' '), environment);
      expect({ line, code, stderr }).toEqual({ line, code: 69, stderr: expect.stringContaining(sentence) });
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  });
});

describe('a refusal', () => {
  const refused = async (line: string, reaction: ReturnType<typeof refuse>, more: Record<string, string> = {}) =>
    inProcess(line.split(' '), { ...at((await faultyServer(reaction)).baseUrl), ...more });

  it.each([
    [refuse(404, 'not-found'), 66, 'Product KRE was not found in org_1, or your credential can'],
    [refuse(401, 'unauthenticated'), 67, 'The API key was rejected: unknown, revoked or expired.'],
    [refuse(403, 'forbidden'), 77, 'It is forbidden.'],
    [refuse(403, 'subscription-expired'), 77, 'It is subscription-expired.'],
    [refuse(400, 'invalid-request', { errors: [] }), 64, 'It is invalid-request.'],
  ])('says what to do, and has the exit code of its kind: %#', async (reaction, code, message) => {
    const { stderr, ...ended } = await refused('run -p KRE -- true', reaction);
    expect(ended.code).toBe(code);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('of an API key of the configuration file names that file', async () => {
    const { baseUrl } = await faultyServer(refuse(401, 'unauthenticated'));
    const settings = { url: baseUrl, organization: 'org_1', apiKey: 'lh_x' };
    const { code, stderr } = await inProcess(['status', '-p', 'KRE'], {}, async ({ XDG_CONFIG_HOME: home = '' }) => {
      mkdirSync(join(home, 'leasehold'));
      writeFileSync(join(home, 'leasehold', 'config.json'), JSON.stringify(settings));
    });
    expect(code).toBe(67);
    expect(stderr).toMatch(/The API key in \S+config\.json was rejected: .* and set `apiKey` there\.\n$/);
  });

  it('of an API key is told, also if the configuration file has been broken since', async () => {
    let path = '';
    const { baseUrl } = await faultyServer((response, request) => {
      writeFileSync(path, 'broken');
      return refuse(401, 'unauthenticated')(response, request);
    });
    const { code, stderr } = await inProcess(['status', '-p', 'KRE'], {}, async ({ XDG_CONFIG_HOME: home = '' }) => {
      path = join(home, 'leasehold', 'config.json');
      mkdirSync(join(home, 'leasehold'));
      writeFileSync(path, JSON.stringify({ url: baseUrl, organization: 'org_1', apiKey: 'lh_x' }));
    });
    expect(code).toBe(67);
    expect(stderr).toContain('rejected');
  });

  /** All licenses are in use for the next 90 s of a clock that stands still. */
  const full = (quota: number, fields: object = {}) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    return refuse(409, 'license-quota-exceeded', {
      quota,
      inUse: quota,
      nextFreeAt: new Date(Date.now() + 90_000).toISOString(),
      retryAfterSeconds: 60,
      ...fields,
    });
  };

  it('by the quota says when the next license may be free, and how to queue', async () => {
    const one = await refused('run -p KRE -- true', full(1));
    expect(one.code).toBe(75);
    expect(one.stderr).toBe(
      'leasehold: The only KRE license is in use, perhaps one is free in 1:30. Add `--wait 10m` to queue for one.\n',
    );
    expect((await refused('activate -p KRE --wait 1m', full(10))).stderr).toMatch(
      /All 10 KRE licenses are in use, perhaps one is free in 1:30\. None became free/,
    );
  });

  it('by a quota of 0 advises no wait', async () => {
    expect((await refused('run -p KRE -- true', full(0))).stderr).toBe('leasehold: It is license-quota-exceeded.\n');
  });

  it('by the quota names the holders, for those who may see them', async () => {
    const holder = {
      seat: 1,
      kind: 'session',
      sessionId: 'build-1',
      userId: 'u',
      machineId: 'm',
      leaseExpiresAt: null,
    };
    const { stderr } = await refused('run -p KRE -- true', full(1, { holders: [holder] }));
    expect(stderr).toContain('\n  license 1: build-1, on m by u\n');
  });

  it('is JSON with --json, with its code, its exit code and the service’s fields; so are all errors', async () => {
    const error = async (line: string, reaction: ReturnType<typeof refuse>) => {
      const { stdout, stderr, code } = await refused(line, reaction);
      const { error } = JSON.parse(stderr);
      expect({ stdout, exitCode: error.exitCode, message: error.message }).toEqual({
        stdout: '',
        exitCode: code,
        message: expect.any(String),
      });
      return error;
    };
    const quota = await error('activate -p KRE --json', full(1));
    expect(quota).toMatchObject({ code: 'license-quota-exceeded', exitCode: 75, quota: 1, requestId: 'r-1' });
    expect(await error('usage -p KRE --json', refuse(403, 'forbidden'))).toMatchObject({
      code: 'forbidden',
      status: 403,
    });
    expect(await error('status --json', full(1))).toMatchObject({ code: 'usage', exitCode: 64 });
    expect(await error('status -p KRE --json --url x', full(1))).toMatchObject({ code: 'configuration', exitCode: 78 });
  });

  it('is an annotation of the run on GitHub Actions, in one line', async () => {
    const { stderr } = await refused('run -p KRE -- true', refuse(403, 'forbidden', { detail: '50%\n::warning::x' }), {
      GITHUB_ACTIONS: 'true',
    });
    expect(stderr).toBe('::error title=leasehold::50%25%0A::warning::x\n');
  });
});

it('--debug prints each request with its ID, and no secret', async () => {
  const { baseUrl } = await faultyServer(json(200, { accepted: true }, { 'x-request-id': 'r-7' }));
  const { stdout, stderr } = await inProcess(['why', '-p', 'KRE', '--debug'], at(baseUrl));
  expect(stdout).toBe('A KRE license would be given.\n');
  expect(stderr).toMatch(
    new RegExp(`^leasehold: debug: POST ${baseUrl}/v1/.*/KRE/activations: 200, request ID r-7, \\d+ ms\\n$`),
  );
  expect(stderr).not.toContain('lh_x');
});

it.each([
  ['offline keys', 'GET', '/.well-known/jwks.json'],
  ['login --client-id x --no-browser', 'GET', '/config.json'],
  ['login --issuer /issuer --client-id x --no-browser', 'GET', '/issuer/.well-known/openid-configuration'],
  ['logout', 'GET', '/issuer/.well-known/openid-configuration'],
])('--debug prints the requests of `%s`, too', async (line, method, path) => {
  const { baseUrl } = await faultyServer(json(404, {}, { 'x-request-id': 'r-7' }));
  const words = line.replace('/issuer', `${baseUrl}/issuer`).split(' ');
  const signIn = { issuer: `${baseUrl}/issuer`, clientId: 'x', idToken: 'a.b.c', expiresAt: 0 };
  const { stderr } = await inProcess([...words, '--url', baseUrl, '--debug'], {}, (environment) =>
    saveSignIn(environment, `${baseUrl}/`, signIn),
  );
  expect(stderr).toContain(`leasehold: debug: ${method} ${baseUrl}${path}: 404, request ID r-7`);
});

it('the exit codes are the same in the help, the README and the code', async () => {
  const { stdout } = await inProcess(['--help'], {});
  const readme = readFileSync('client/README.md', 'utf8');
  for (const [kind, meaning] of Object.entries(exitCodeMeanings)) {
    const code = exitCodes[kind as keyof typeof exitCodes];
    expect(stdout).toContain(`  ${String(code).padEnd(4)} ${meaning}\n`);
    expect(readme).toContain(`\n| ${code} | ${meaning} |`);
  }
});

it('an API key is not sent where others can read it, unless that is allowed', async () => {
  hasten();
  const asked = ['organizations', '--url', 'http://licenses.invalid/'];
  const key = { LEASEHOLD_API_KEY: 'lh_key' };
  const refused = await inProcess(asked, key);
  expect(refused).toMatchObject({ code: 78, stderr: expect.stringContaining('LEASEHOLD_ALLOW_HTTP=1') });
  expect(refused.stderr).not.toContain('lh_key');
  const allowed = await inProcess(asked, { ...key, LEASEHOLD_ALLOW_HTTP: '1' });
  expect(allowed.stderr).toContain('the host name was not found');
});

it('the token of a sign-in is not sent where others can read it', async () => {
  const url = 'http://licenses.example.com/';
  const signIn = { issuer: url, clientId: 'x', idToken: 'a.b.c', expiresAt: Date.now() + 3_600_000 };
  const answer = await inProcess(['organizations', '--url', url], {}, (environment) =>
    saveSignIn(environment, url, signIn),
  );
  expect(answer).toMatchObject({ code: 78, stderr: expect.stringContaining('is not https') });
});

it.each([
  ['says it on another page', (response: ServerResponse) => void response.writeHead(302, { location: '/other' }).end()],
  ['only fails', json(500, { issuer: 'http://127.0.0.1:9', clientId: 'x' })],
])('a service that %s tells not whom to sign in with', async (_, reaction) => {
  const { baseUrl } = await faultyServer(reaction, json(200, { issuer: 'http://127.0.0.1:9', clientId: 'x' }));
  expect(await inProcess(['login', '--no-browser', '--url', baseUrl], {})).toMatchObject({
    code: 69,
    stderr: expect.stringContaining('does not name an issuer to sign in with'),
  });
});

it.each([
  ['is down', async () => 'http://127.0.0.1:9', 69, "Can't reach http://127.0.0.1:9: "],
  ['is none', async () => (await faultyServer(refuse(404, 'not-found'))).baseUrl, 67, 'The sign-in with'],
])('an issuer that %s is told in one sentence', async (_, issuer, code, why) => {
  const line = ['login', '--no-browser', '--issuer', await issuer(), '--client-id', 'x'];
  const { stderr, ...ended } = await inProcess(line, configured);
  expect(ended).toMatchObject({ code });
  expect(stderr).toContain(why);
  expect(stderr).not.toContain('    at ');
});
