import { describe, expect, it, type TestContext } from 'vitest';
import { createClient } from '../../client/index.ts';
import { cuttable } from '../client/cuttable.ts';
import { onDatabase } from '../console/stack.ts';
import { eventually } from '../eventually.ts';
import { makeDataDir, runStack } from '../local/stack-process.ts';
import { createDatabase } from '../table/support/database.ts';
import { leasehold } from './command.ts';
import { startRunner } from './runner.ts';

const { as, subscribe, credentials, environment, online } = await startRunner();
const leaseSeconds = 5;

const leaseEnd = async (product: string) =>
  Date.parse((await as('owner').listActivations({ product })).items[0]?.leaseExpiresAt ?? '');
const setTerms = (product: string, terms: { quota: number; leaseSeconds: number }) =>
  as('vendor').setSubscription({ product, licenseType: 'floating', expiresAt: '2100-01-01T00:00:00Z', ...terms });
/** Shortens the lease of a command that runs, by a heartbeat. With a short lease from the start a slow machine would lose it earlier. */
const shorten = async ({ child }: ReturnType<typeof leasehold>, product: string, quota = 3) => {
  await setTerms(product, { quota, leaseSeconds });
  await eventually(async () => {
    child.kill('SIGCONT');
    expect(await leaseEnd(product)).toBeLessThan(Date.now() + 2 * leaseSeconds * 1000);
  });
};

/** Prints that it runs, until SIGUSR1 ends it with 3 or its parent is gone. */
const script = `
  const { ppid } = process;
  setInterval(() => process.ppid === ppid || process.exit(), 100);
  process.on('SIGUSR1', () => process.exit(3));
  console.log('running');`;
const start = async ({ onTestFinished: over }: TestContext, product: string, more: Record<string, string> = {}) => {
  const args = ['run', '--product', product, '--session-id', 'build-1', '--', process.execPath, '-e', script];
  const run = leasehold(args, { ...environment, ...more }, { over });
  await run.saw('running');
  return run;
};

// Concurrent, as most of its time a test waits for a lease.
describe.concurrent('the network', () => {
  it('is cut for less than the lease: the command goes on, and nothing is said', async (test) => {
    const product = await subscribe();
    const way = await cuttable(credentials.baseUrl, test.onTestFinished);
    const { child, ended } = await start(test, product, { LEASEHOLD_URL: way.baseUrl });
    way.cut();
    // A heartbeat at once.
    child.kill('SIGCONT');
    await eventually(() => expect(way.refused()).toBeGreaterThan(0));
    const before = await leaseEnd(product);
    way.mend();
    await eventually(async () => {
      child.kill('SIGCONT');
      expect(await leaseEnd(product)).toBeGreaterThan(before);
    });
    expect(await online(product)).toEqual(['build-1']);
    child.kill('SIGUSR1');
    expect(await ended).toMatchObject({ code: 3, stderr: '' });
  });

  it('is cut for longer: the license counts as lost once the lease has ended, and the command is ended', async (test) => {
    const product = await subscribe();
    const way = await cuttable(credentials.baseUrl, test.onTestFinished);
    const run = await start(test, product, { LEASEHOLD_URL: way.baseUrl });
    await shorten(run, product);
    way.cut();
    expect(await run.ended).toMatchObject({ code: 79, stderr: expect.stringContaining('unreachable') });
  });

  it('is away when the command ends: its exit code counts, and it is said when the license will be free', async (test) => {
    const product = await subscribe();
    const way = await cuttable(credentials.baseUrl, test.onTestFinished);
    const { child, ended } = await start(test, product, { LEASEHOLD_URL: way.baseUrl });
    way.cut();
    child.kill('SIGUSR1');
    expect(await ended).toMatchObject({ code: 3, stderr: expect.stringContaining('free once its lease ends') });
  });
});

it.concurrent('the service is restarted in the middle: the command goes on with its license', async (test) => {
  const { onTestFinished: over } = test;
  const service = { LEASEHOLD_DATA_DIR: makeDataDir(over), ...onDatabase(await createDatabase({ stream: true })) };
  const first = runStack(service, { over });
  const { baseUrl, organizationId, apiKey } = await first.ready;
  const run = await start(test, 'KRE', {
    LEASEHOLD_URL: baseUrl,
    LEASEHOLD_ORGANIZATION: organizationId,
    LEASEHOLD_API_KEY: apiKey,
  });
  first.child.kill('SIGTERM');
  await first.exit;
  await runStack({ ...service, PORT: new URL(baseUrl).port }, { over }).ready;
  const client = createClient({ baseUrl, organizationId, credential: apiKey });
  expect((await client.listActivations({ product: 'KRE' })).items).toMatchObject([{ sessionId: 'build-1' }]);
  run.child.kill('SIGUSR1');
  expect(await run.ended).toMatchObject({ code: 3, stderr: '' });
  expect((await client.listActivations({ product: 'KRE' })).items).toEqual([]);
});

it.concurrent('the key is revoked: the command is ended, with its lease at the latest', async (test) => {
  const product = await subscribe({ leaseSeconds });
  const { id, key } = await as('user').createApiKey({ name: 'ci', scope: 'activate' });
  const { ended } = await start(test, product, { LEASEHOLD_API_KEY: key });
  await as('user').revokeApiKey({ keyId: id });
  // Once a heartbeat has come, the gateway remembers its caller: then the schedule ends the session.
  expect(await ended).toMatchObject({ code: 79, stderr: expect.stringMatching(/refused|license-removed/) });
});

it.concurrent('kill -9: the license is free when its lease ends', async (test) => {
  const product = await subscribe({ leaseSeconds });
  const { child, ended } = await start(test, product);
  child.kill('SIGKILL');
  await ended;
  await eventually(async () => expect(await online(product)).toEqual([]));
});

describe.concurrent('the command was stopped for longer than the lease', () => {
  it('and nobody took the license: it has it again at once', async (test) => {
    const product = await subscribe();
    const run = await start(test, product);
    const { child, ended } = run;
    await shorten(run, product);
    child.kill('SIGSTOP');
    await eventually(async () => expect(await online(product)).toEqual([]));
    await setTerms(product, { quota: 3, leaseSeconds: 120 });
    child.kill('SIGCONT');
    await eventually(async () => expect(await online(product)).toEqual(['build-1']));
    child.kill('SIGUSR1');
    expect(await ended).toMatchObject({ code: 3, stderr: '' });
  });

  it('and somebody took it: the command is ended', async (test) => {
    const product = await subscribe({ quota: 1 });
    const run = await start(test, product);
    const { child, ended } = run;
    await shorten(run, product, 1);
    child.kill('SIGSTOP');
    await eventually(async () => expect(await online(product)).toEqual([]));
    await setTerms(product, { quota: 1, leaseSeconds: 120 });
    await eventually(() => as('apiKey').activate({ product, machineId: 'm', sessionId: 'other' }));
    child.kill('SIGCONT');
    expect(await ended).toMatchObject({ code: 79, stderr: expect.stringContaining('lease-expired') });
    expect(await online(product)).toEqual(['other']);
  });
});
