import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { json as answer, faultyServer } from '../client/faulty-server.ts';
import { leasehold } from './command.ts';
import { inProcess } from './in-process.ts';
import { startRunner } from './runner.ts';

const { as, subscribe, credentials, environment, online } = await startRunner();
const ended = (args: string[], more: Record<string, string> = {}) => inProcess(args, { ...environment, ...more });
const json = async (args: string[], more: Record<string, string> = {}) => {
  const { stdout, code } = await ended([...args, '--json'], more);
  return { code, value: JSON.parse(stdout) };
};

describe('a license of a session', () => {
  it('is taken, extended, shown and given back', async () => {
    const product = await subscribe();
    const session = ['--product', product, '--session-id', 'build-1'];
    const first = await json(['activate', ...session]);
    expect(first).toMatchObject({ code: 0, value: { status: 'active', machineId: 'runner-1' } });
    expect((await json(['activate', ...session])).value.fence).toBe(first.value.fence);
    expect(await json(['status', '--product', product])).toMatchObject({
      value: { subscription: null, activations: [{ sessionId: 'build-1' }] },
    });
    const owner = { LEASEHOLD_API_KEY: credentials.tokens.owner };
    const { stdout } = await ended(['status', '--product', product], owner);
    expect(stdout).toContain('2 of 3 licenses are free');
    expect(stdout).toMatch(/^LICENSE {2}SESSION ID {2}MACHINE ID .*\n\d+ +build-1 +runner-1 /m);
    const csv = await ended(['status', '--product', product, '--csv'], owner);
    expect(csv.stdout).toMatch(/^License,Session ID,Machine ID,.*\r\n\d+,"build-1","runner-1",.*Z"\r\n$/);
    for (const _ of ['given back', 'again']) expect(await ended(['release', ...session])).toMatchObject({ code: 0 });
    expect(await online(product)).toEqual([]);
  });

  it('is waited for in the queue with --wait, and then kept by nothing', async () => {
    const product = await subscribe({ quota: 1 });
    await as('apiKey').activate({ product, machineId: 'm', sessionId: 'first' });
    const { ended, saw } = leasehold(
      ['activate', '--product', product, '--session-id', 'second', '--wait', '1m', '--json'],
      environment,
    );
    await saw('number 1 in the queue');
    await as('apiKey').deactivate({ product, sessionId: 'first' });
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ sessionId: 'second', status: 'active' });
  });

  it('is waited for no more after SIGINT: the place in the queue is given up', async () => {
    const product = await subscribe({ quota: 1 });
    await as('apiKey').activate({ product, machineId: 'm', sessionId: 'first' });
    const { child, ended, saw } = leasehold(['activate', '--product', product, '--wait', '1m'], environment);
    await saw('number 1 in the queue');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ signal: 'SIGINT', stdout: '' });
    expect((await as('owner').getSubscription({ product })).queue.length).toBe(0);
  });

  it('says how to extend and release it, also with a random session ID', async () => {
    const product = await subscribe();
    const { stdout } = await ended(['activate', '--product', product]);
    const [sessionId = ''] = await online(product);
    expect(stdout).toContain(`Repeat this with --session-id ${sessionId} `);
    const [, line = ''] = /^ {2}leasehold (.*)$/m.exec(stdout) ?? [];
    expect(await ended(line.split(' '))).toMatchObject({ code: 0 });
    expect(await online(product)).toEqual([]);
  });

  it.each([['activate'], ['run', '--', 'true']])(
    'is waited for no more at once after a second signal: %s',
    async (name, ...command) => {
      const { baseUrl } = await faultyServer(
        answer(202, { sessionId: 's', status: 'waiting', position: 1, retryAfterSeconds: 60 }),
        () => void child.kill('SIGTERM'),
      );
      const line = [name, '--product', 'KRE', '--wait', '1m', ...command];
      const { child, saw, ended } = leasehold(line, { ...environment, LEASEHOLD_URL: baseUrl });
      await saw('number 1 in the queue');
      child.kill('SIGINT');
      expect(await ended).toMatchObject({ signal: 'SIGTERM', stdout: '' });
    },
  );

  it('may have slashes in its ID, encoded once or twice in a path', async () => {
    const product = await subscribe();
    const sessionId = 'team/build/1';
    expect(await inProcess(['activate', '-p', product, '-s', sessionId], environment)).toMatchObject({ code: 0 });
    const { baseUrl, organizationId, apiKey } = credentials;
    const activations = `${baseUrl}/v1/organizations/${organizationId}/subscriptions/${product}/activations`;
    for (const name of ['team%2Fbuild%2f1', 'team%252Fbuild%252F1']) {
      const answer = await fetch(`${activations}/${name}`, { headers: { authorization: `Bearer ${apiKey}` } });
      expect(await answer.json()).toMatchObject({ sessionId, status: 'active' });
    }
    expect(await ended(['release', '-p', product, '-s', sessionId])).toMatchObject({ code: 0 });
    expect(await online(product)).toEqual([]);
    for (const wrong of ['/a', 'a/', 'a//b', 'a/../b', './a'])
      expect(await ended(['activate', '-p', product, '-s', wrong])).toMatchObject({ code: 64 });
  });

  it('can’t be released without a session ID', async () => {
    expect(await ended(['release', '--product', 'KRE'])).toMatchObject({ code: 64 });
  });
});

describe('leasehold api-keys', () => {
  it('makes a key, shows the three settings together, lists it and revokes it', async () => {
    const owner = { LEASEHOLD_URL: credentials.baseUrl, LEASEHOLD_API_KEY: credentials.tokens.owner };
    const made = await inProcess(['api-keys', 'create', '--name', 'ci'], owner);
    const settings = ["URL='http", "ORGANIZATION='org_", "API_KEY='lh_"];
    for (const block of [
      settings,
      settings.map((one) => one.replace('=', ' --body ')),
      settings.map((one) => one.replace('=', ' ')),
    ])
      expect(made.stdout).toMatch(new RegExp(block.map((one) => `LEASEHOLD_${one}[^\n]+\n`).join('[a-z ]+')));
    const script = await inProcess(['api-keys', 'create', '--name', 'two', '--for', 'shell'], owner);
    const environment = Object.fromEntries(
      [...script.stdout.matchAll(/^export (\w+)='(.+)'$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    expect(await inProcess(['status', '-p', await subscribe()], environment)).toMatchObject({ code: 0 });
    const [, keyId = ''] = environment.LEASEHOLD_API_KEY?.split('_') ?? [];
    expect((await inProcess(['api-keys', 'list', '--csv'], owner)).stdout).toContain(`"${keyId}","two","activate"`);
    expect(await inProcess(['api-keys', 'revoke', keyId], owner)).toMatchObject({ code: 0 });
    expect((await inProcess(['api-keys', 'list', '--csv'], owner)).stdout).not.toContain(keyId);
  });
});

describe('a runner with a key alone', () => {
  it('needs no organization: the key belongs to one', async () => {
    const product = await subscribe();
    const { LEASEHOLD_ORGANIZATION: _, ...alone } = environment;
    expect(await inProcess(['activate', '-p', product, '-s', 'build-1'], alone)).toMatchObject({ code: 0, stderr: '' });
    expect(await online(product)).toEqual(['build-1']);
  });

  it('sees how many licenses others hold, not who; owners and admins see both, also in the refusal', async () => {
    const product = await subscribe({ quota: 2 });
    await as('owner').activate({ product, machineId: 'm-1', sessionId: 'of-the-owner' });
    const status = (more: Record<string, string> = {}) =>
      inProcess(['status', '-p', product], { ...environment, ...more });
    const empty = await status();
    expect(empty.stdout).toBe(`At least one ${product} license is free.\n\nNo online licenses of yours.\n`);
    await as('apiKey').activate({ product, machineId: 'm-2', sessionId: 'mine' });
    const { stdout } = await status();
    expect(stdout).toContain(`2 of 2 ${product} licenses are in use: 1 by you, 1 by others. One may be free at `);
    expect(stdout).toContain('mine');
    expect(stdout).not.toContain('of-the-owner');

    const activate = (key = environment.LEASEHOLD_API_KEY) =>
      inProcess(['activate', '-p', product, '-s', 'third'], { ...environment, LEASEHOLD_API_KEY: key });
    expect((await activate()).stderr).not.toContain('of-the-owner');
    expect((await activate(credentials.tokens.admin)).stderr).toContain(': of-the-owner, on m-1 by ');
  });
});

describe('why', () => {
  it('says that a license would be given, and takes none', async () => {
    const product = await subscribe();
    expect(await json(['why', '--product', product])).toEqual({ code: 0, value: { accepted: true } });
    expect(await online(product)).toEqual([]);
  });

  it('names the exhausted quota, and the place in the queue', async () => {
    const product = await subscribe({ quota: 1 });
    await as('apiKey').activate({ product, machineId: 'm', sessionId: 's' });
    expect(await ended(['why', '--product', product])).toMatchObject({
      code: 75,
      stdout: expect.stringMatching(/^license-quota-exceeded: .*\nOne may be free at .*Z\.\n$/),
    });
    expect((await ended(['why', '--product', product, '--wait', '10m'])).stdout).toContain('number 1 in the queue');
  });

  it.each(['live on another machine', 'ended by force'])(
    'asks as `run` does if the job’s session is %s',
    async (state) => {
      const product = await subscribe();
      const job = { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '1', GITHUB_JOB: 'test', GITHUB_RUN_ATTEMPT: '2' };
      const { value } = await json(['activate', '--product', product, '--machine-id', 'another'], job);
      if (state === 'ended by force') await as('owner').deactivate({ product, sessionId: value.sessionId });
      expect(await json(['why', '--product', product], job)).toEqual({ code: 0, value: { accepted: true } });
    },
  );

  it('says that the credential is refused', async () => {
    expect(await ended(['why', '--product', 'KRE'], { LEASEHOLD_API_KEY: 'lh_wrong_key' })).toMatchObject({ code: 67 });
  });
});

describe('a machine without a network', () => {
  const files = () => {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-files-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const licenses = join(folder, 'licenses');
    mkdirSync(licenses);
    return { LEASEHOLD_OFFLINE_FOLDER: licenses, LEASEHOLD_OFFLINE_KEYS: join(folder, 'keys.json') };
  };

  it('asks for a file, verifies it, and runs with it, with nothing sent, also if the file’s folder is read-only', async () => {
    const product = await subscribe();
    const where = files();
    expect(await ended(['offline', 'keys'], where)).toMatchObject({ code: 0 });
    const { value } = await json(['offline', 'request', '--product', product], where);
    expect(value).toMatchObject({ product, machineId: 'runner-1', folder: where.LEASEHOLD_OFFLINE_FOLDER });

    const alone = { ...where, LEASEHOLD_MACHINE_ID: 'runner-1' };
    const verify = () => inProcess(['offline', 'verify', '--product', product], alone);
    expect(await verify()).toMatchObject({ code: 77, stderr: 'leasehold: There is no license file.\n' });
    const { id, fileName } = await as('owner').issueOfflineLicense({ product, machineId: value.machineId });
    const text = await as('owner').getOfflineLicenseFile({ product, licenseId: id });
    writeFileSync(join(value.folder, fileName), text);
    expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringContaining(id) });

    const run = ['run', '--product', product, '--', process.execPath, '-e', 'process.exitCode = 5'];
    expect(await leasehold(run, alone).ended).toMatchObject({ code: 5, stderr: '' });

    // A read-only folder, as of a Secret: here a file is in the way of the state.
    const state = join(value.folder, '.leasehold');
    rmSync(state, { recursive: true });
    writeFileSync(state, '');
    for (const args of [['offline', 'verify', '--product', product], run])
      expect(await inProcess(args, alone)).toMatchObject({
        code: 78,
        stderr: expect.stringMatching(
          /^leasehold: .*set LEASEHOLD_OFFLINE_STATE to a folder that you may write to\.\n$/,
        ),
      });
    const elsewhere = { ...alone, LEASEHOLD_OFFLINE_STATE: `${value.folder}-state` };
    expect(await inProcess(['offline', 'verify', '--product', product], elsewhere)).toMatchObject({ code: 0 });
    expect(await leasehold(run, elsewhere).ended).toMatchObject({ code: 5, stderr: '' });
  });

  it('says how to mend a damaged file of keys', async () => {
    const where = files();
    writeFileSync(join(where.LEASEHOLD_OFFLINE_FOLDER, 'any.lic'), 'no license');
    for (const keys of ['{"keys": [', '{}', 'null']) {
      writeFileSync(where.LEASEHOLD_OFFLINE_KEYS, keys);
      for (const args of ['run -p KRE -- true', 'offline verify -p KRE'])
        expect(await ended(args.split(' '), where)).toMatchObject({
          code: 78,
          stderr: expect.stringMatching(/^leasehold: .*keys\.json can't be used .* `leasehold offline keys`\.\n$/),
        });
    }
  });

  it('asks the service if no file is good, and says why', async () => {
    const product = await subscribe();
    const where = files();
    writeFileSync(join(where.LEASEHOLD_OFFLINE_FOLDER, 'old.lic'), 'no license');
    const run = ['run', '--product', product, '--', process.execPath, '-e', ''];
    expect(await ended(run, where)).toMatchObject({ code: 0, stderr: expect.stringContaining('is no license') });
  });
});

it('ends silently when the reader closes the pipe', async () => {
  const product = await subscribe();
  const { child, ended } = leasehold(['status', '--product', product], environment);
  child.stdout.destroy();
  expect(await ended).toMatchObject({ code: 141, stderr: '' });
});

it.each([['machine-id'], ['completion', 'bash']])('also ends silently with a single output: %s', async (...args) => {
  const { child, ended } = leasehold(args, environment);
  child.stdout.destroy();
  expect(await ended).toMatchObject({ code: 141, stderr: '' });
});

it('refuses to be told both --json and --csv', async () => {
  expect(await ended(['status', '--product', 'KRE', '--json', '--csv'])).toMatchObject({ code: 64 });
});

it('prints the version of its package', async () => {
  const { version } = JSON.parse(readFileSync('client/package.json', 'utf8'));
  expect(await inProcess(['--version'], {})).toMatchObject({ code: 0, stdout: `${version}\n` });
});

it('the machine ID is printed, and can be set', async () => {
  const told = await inProcess(['machine-id'], {});
  expect(told).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{32}\n$/) });
  expect((await ended(['machine-id'])).stdout).toBe('runner-1\n');
  expect((await ended(['machine-id', '--machine-id', 'other'])).stdout).toBe('other\n');
});
