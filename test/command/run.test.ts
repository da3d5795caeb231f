import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sessionOfJob } from '../../client/command/ids/ci-session.ts';
import { faultyServer, json, refuse, silence } from '../client/faulty-server.ts';
import { leasehold } from './command.ts';
import { inProcess } from './in-process.ts';
import { startRunner } from './runner.ts';

const { as, subscribe, environment, online } = await startRunner();
const run = (product: string, flags: string[], script: string, more: Record<string, string> = {}) =>
  leasehold(['run', '--product', product, ...flags, '--', process.execPath, '-e', script], { ...environment, ...more });

/** Prints that it runs, until it is ended or its parent is gone. */
const forever =
  "const { ppid } = process; setInterval(() => process.ppid === ppid || process.exit(), 100); console.log('running');";
/** The same, but prints its signals, and does not end by them. */
const stubborn = `for (const s of ['SIGTERM', 'SIGINT', 'SIGUSR1', 'SIGHUP']) process.on(s, () => console.log('got ' + s)); ${forever}`;

describe('a command that runs with a license', () => {
  it('has one while it runs, and has given it back when it has ended', async () => {
    const product = await subscribe();
    const { child, ended, saw } = run(product, ['--session-id', 'build-1'], forever);
    await saw('running');
    expect(await online(product)).toEqual(['build-1']);
    child.kill('SIGTERM');
    await ended;
    expect(await online(product)).toEqual([]);
    expect(await as('apiKey').getActivation({ product, sessionId: 'build-1' })).toMatchObject({
      machineId: 'runner-1',
      endedReason: 'released',
    });
  });

  it('has the same input and output as without a license', async () => {
    const product = await subscribe();
    const script =
      "process.stdin.on('data', (d) => process.stdout.write(d)); console.error('to err'); process.exitCode = 3";
    const args = ['run', '--product', product, '--', process.execPath, '-e', script];
    expect(await leasehold(args, environment, { input: 'ä\0\n' }).ended).toEqual({
      code: 3,
      signal: null,
      stdout: 'ä\0\n',
      stderr: 'to err\n',
    });
  });

  it.each([0, 1, 75, 255])('ends with the exit code of the command: %d', async (code) => {
    expect(await run(await subscribe(), [], `process.exit(${code})`).ended).toMatchObject({ code, signal: null });
  });

  it.each(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGUSR2'])(
    'ends by the signal that the command dies by: %s',
    async (signal) => {
      const product = await subscribe();
      const script = `process.kill(process.pid, '${signal}'); setInterval(() => {}, 1000)`;
      expect(await run(product, [], script).ended).toMatchObject({ code: null, signal });
      expect(await online(product)).toEqual([]);
    },
  );

  it('passes signals on to the command, which decides what to do', async () => {
    const { child, ended, saw } = run(await subscribe(), [], stubborn);
    await saw('running');
    for (const signal of ['SIGINT', 'SIGUSR1'] as const) {
      child.kill(signal);
      await saw(`got ${signal}`);
    }
    expect(child.exitCode).toBeNull();
    child.kill('SIGKILL');
    await ended;
  });

  it('kills a command that does not end in the grace time after SIGTERM, and gives the license back', async () => {
    const product = await subscribe();
    const { child, ended, saw } = run(product, ['--grace', '5s'], stubborn);
    await saw('running');
    child.kill('SIGTERM');
    await saw('got SIGTERM');
    expect(await ended).toMatchObject({ signal: 'SIGKILL' });
    expect(await online(product)).toEqual([]);
  });

  it('says that a command does not exist, or can’t be run, as a shell does, and keeps no license', async () => {
    const product = await subscribe();
    const of = (command: string) => leasehold(['run', '--product', product, '--', command], environment).ended;
    expect(await of('no-such-command')).toMatchObject({ code: 127, stderr: expect.stringContaining('not found') });
    expect(await of('/etc/passwd')).toMatchObject({ code: 126, stderr: expect.stringContaining('EACCES') });
    expect(await online(product)).toEqual([]);
  });
});

describe('when the license is lost', () => {
  it.each(['removed by an admin', 'its subscription suspended'])(
    '%s: the command is ended, and the exit code says so',
    async (how) => {
      const product = await subscribe();
      const { child, ended, saw } = run(product, ['--session-id', 'build-1'], forever);
      await saw('running');
      if (how === 'removed by an admin') await as('owner').deactivate({ product, sessionId: 'build-1' });
      else {
        const { quota, expiresAt } = await as('owner').getSubscription({ product });
        await as('vendor').setSubscription({ product, licenseType: 'floating', quota, expiresAt, status: 'suspended' });
      }
      // A heartbeat at once.
      child.kill('SIGCONT');
      expect(await ended).toMatchObject({ code: 79, stderr: expect.stringContaining('The license was lost') });
    },
  );

  it('goes on with --on-loss=continue, and ends as the command does', async () => {
    const product = await subscribe();
    const { child, ended, saw } = run(product, ['--session-id', 'build-1', '--on-loss', 'continue'], stubborn);
    await saw('running');
    await as('owner').deactivate({ product, sessionId: 'build-1' });
    child.kill('SIGCONT');
    await saw('The command goes on without');
    child.kill('SIGUSR1');
    await saw('got SIGUSR1');
    child.kill('SIGKILL');
    expect((await ended).stdout).not.toContain('got SIGTERM');
  });
});

it('goes on if nobody reads the messages beside the command', async () => {
  const product = await subscribe({ leaseSeconds: 5 });
  const { child, ended, saw } = run(
    product,
    ['--session-id', 'build-1', '--on-loss', 'continue', '--grace', '1s'],
    stubborn,
  );
  await saw('running');
  child.stderr.destroy();
  await as('owner').deactivate({ product, sessionId: 'build-1' });
  await sleep(4000);
  child.kill('SIGUSR1');
  await saw('got SIGUSR1');
  child.kill('SIGHUP');
  expect(await ended).toMatchObject({ signal: 'SIGKILL' });
});

const activated = json(201, {
  sessionId: 's',
  product: 'KRE',
  machineId: 'runner-1',
  status: 'active',
  seat: 1,
  fence: 1,
  leaseExpiresAt: new Date(Date.now() + 120_000).toISOString(),
  heartbeatSeconds: 40,
});

it('shows the terminal nothing of an answer that it would obey', async () => {
  const { baseUrl } = await faultyServer(
    activated,
    refuse(403, 'forbidden', { detail: '\x1b]0;title\x07\u202eNo.\x9b2J' }),
  );
  const { stderr } = await run('KRE', [], '', { LEASEHOLD_URL: baseUrl }).ended;
  expect(stderr).toContain('could not be released (]0;titleNo.2J');
  expect(stderr).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
});

it('no longer waits for the release after a second signal', async () => {
  const twice = () => {
    child.kill('SIGINT');
    setTimeout(() => child.kill('SIGTERM'), 200);
  };
  // The command may try the release again.
  const { baseUrl } = await faultyServer(activated, twice, silence);
  const { child, ended } = run('KRE', [], '', { LEASEHOLD_URL: baseUrl });
  expect(await ended).toMatchObject({ signal: 'SIGTERM' });
});

describe('when no license is free', () => {
  it('says so at once, with when one may be, and does not run the command', async () => {
    const product = await subscribe({ quota: 0 });
    expect(await run(product, [], forever).ended).toMatchObject({
      code: 75,
      stdout: '',
      stderr: expect.stringContaining('license'),
    });
  });

  it('waits with --wait, says its place in lines in a log, and runs once it has one', async () => {
    const product = await subscribe({ quota: 1 });
    await as('apiKey').activate({ product, machineId: 'm', sessionId: 'first' });
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-report-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const report = join(folder, 'leasehold.xml');
    const { ended, saw } = run(product, ['--wait', '1m', '--junit', report], "console.log('ran')");
    await saw('number 1 in the queue');
    await as('apiKey').deactivate({ product, sessionId: 'first' });
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ran\n' });
    expect(stderr).toMatch(
      /^Waiting for a P-\d+ license: number 1 .*\nleasehold: got a P-\d+ license after 0:\d\d\.\n$/,
    );
    expect(readFileSync(report, 'utf8')).toContain(`<property name="leasehold.product" value="${product}"/>`);
  });

  it('leaves the queue on SIGTERM, and ends by it', async () => {
    const product = await subscribe({ quota: 1 });
    await as('apiKey').activate({ product, machineId: 'm', sessionId: 'first' });
    const { child, ended, saw } = run(product, ['--wait', '1m'], forever);
    await saw('number 1 in the queue');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ signal: 'SIGTERM', stdout: '' });
    expect((await as('owner').getSubscription({ product })).queue.length).toBe(0);
  });
});

describe('the session of a CI job', () => {
  const job = { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '1', GITHUB_JOB: 'test', GITHUB_RUN_ATTEMPT: '2' };

  it('is had again by a re-run of a job that crashed: kill -9 leaves the license for its lease, and no second is taken', async () => {
    const product = await subscribe();
    const crashed = run(product, [], forever, job);
    await crashed.saw('running');
    const before = await online(product);
    crashed.child.kill('SIGKILL');
    const again = run(product, [], forever, job);
    await again.saw('running');
    expect(await online(product)).toEqual(before);
    again.child.kill('SIGTERM');
    await again.ended;
    expect(await online(product)).toEqual([]);
  });

  it.each([
    [
      'its license was taken away',
      async (product: string, sessionId: string) => as('owner').deactivate({ product, sessionId }),
    ],
    ['it is still live on another machine', async () => {}],
  ])('has its attempt appended if %s', async (_, before) => {
    const product = await subscribe();
    const first = run(product, ['--machine-id', 'another'], forever, job);
    await first.saw('running');
    const [sessionId = ''] = await online(product);
    await before(product, sessionId);
    const second = run(product, [], forever, job);
    await second.saw('running');
    expect(await online(product)).toContain(`${sessionId}.2`);
    first.child.kill('SIGTERM');
    second.child.kill('SIGTERM');
    await Promise.all([first.ended, second.ended]);
  });

  it('has a suffix of its own if others of its name are live too, as the jobs that call one reusable workflow', async () => {
    const product = await subscribe();
    const { sessionId = '' } = sessionOfJob(job) ?? {};
    for (const taken of [sessionId, `${sessionId}.2`])
      await as('apiKey').activate({ product, machineId: 'another', sessionId: taken });
    expect(await inProcess(['why', '--product', product], { ...environment, ...job })).toMatchObject({ code: 0 });
    expect(await run(product, [], "console.log('ran')", job).ended).toMatchObject({ code: 0, stdout: 'ran\n' });
  });
});

describe('the options of the command', () => {
  it.each([
    [['run', '--product', 'KRE'], 'missing required argument'],
    [['run', '--', 'true'], '--product'],
    [['run', '--product', 'KRE', '--wait', 'soon', '--', 'true'], 'Say it as 90s, 10m or 1h30m.'],
    [['run', '--product', 'KRE', '--wait', '25h', '--', 'true'], 'At most 24h.'],
    [['walk'], "unknown command 'walk'"],
  ])('is refused with 64 if it is wrong: %s', async (args, message) => {
    expect(await leasehold(args, environment).ended).toMatchObject({
      code: 64,
      stderr: expect.stringContaining(message),
    });
  });

  it('must say where the service is', async () => {
    expect(await leasehold(['run', '--product', 'KRE', '--', 'true'], {}).ended).toMatchObject({
      code: 78,
      stderr: 'leasehold: Say where the service is, with LEASEHOLD_URL or --url.\n',
    });
  });
});

it('is run by `npx leasehold` in a checkout, whatever Node runs npx', () => {
  const PATH = process.env.PATH?.split(delimiter)
    .filter((folder) => !folder.endsWith(join('node_modules', '.bin')))
    .join(delimiter);
  const { stdout } = spawnSync('npx', ['--no', 'leasehold', 'machine-id'], {
    env: { ...process.env, PATH, LEASEHOLD_MACHINE_ID: 'here' },
    encoding: 'utf8',
  });
  expect(stdout).toBe('here\n');
});
