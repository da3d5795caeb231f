import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { createClient } from '../../client/index.ts';
import { cuttable } from '../client/cuttable.ts';
import { makeDataDir, runStack } from '../local/stack-process.ts';
import { leasehold } from './command.ts';
import { startRunner } from './runner.ts';

vi.setConfig({ testTimeout: 120_000 });

const { as, subscribe, credentials, environment, online } = await startRunner();
const leaseSeconds = 5;

/** Prints that it runs, until SIGUSR1 ends it with 3 or its parent is gone. */
const script = `
  const { ppid } = process;
  setInterval(() => process.ppid === ppid || process.exit(), 100);
  process.on('SIGUSR1', () => process.exit(3));
  console.log('running');`;
const start = async (product: string, more: Record<string, string> = {}) => {
  const args = ['run', '--product', product, '--session-id', 'build-1', '--', process.execPath, '-e', script];
  const run = leasehold(args, { ...environment, ...more });
  await run.saw('running');
  return run;
};

describe('the network', () => {
  it('is cut for less than the lease: the command goes on, and nothing is said', async () => {
    const product = await subscribe({ leaseSeconds });
    const way = await cuttable(credentials.baseUrl);
    const { child, ended } = await start(product, { LEASEHOLD_URL: way.baseUrl });
    way.cut();
    await sleep(3000);
    way.mend();
    await sleep(6000);
    expect(await online(product)).toEqual(['build-1']);
    child.kill('SIGUSR1');
    expect(await ended).toMatchObject({ code: 3, stderr: '' });
  });

  it('is cut for longer: the license counts as lost once the lease has ended, and the command is ended', async () => {
    const product = await subscribe({ leaseSeconds });
    const way = await cuttable(credentials.baseUrl);
    const { ended } = await start(product, { LEASEHOLD_URL: way.baseUrl });
    way.cut();
    expect(await ended).toMatchObject({ code: 79, stderr: expect.stringContaining('unreachable') });
  });

  it('is away when the command ends: its exit code counts, and it is said when the license will be free', async () => {
    const product = await subscribe({ leaseSeconds });
    const way = await cuttable(credentials.baseUrl);
    const { child, ended } = await start(product, { LEASEHOLD_URL: way.baseUrl });
    way.cut();
    child.kill('SIGUSR1');
    expect(await ended).toMatchObject({ code: 3, stderr: expect.stringContaining('free once its lease ends') });
  });
});

it('the service is restarted in the middle: the command goes on with its license', async () => {
  const dataDir = makeDataDir();
  const first = runStack({ LEASEHOLD_DATA_DIR: dataDir });
  const { baseUrl, organizationId, apiKey } = await first.ready;
  const run = await start('KRE', {
    LEASEHOLD_URL: baseUrl,
    LEASEHOLD_ORGANIZATION: organizationId,
    LEASEHOLD_API_KEY: apiKey,
  });
  first.child.kill('SIGTERM');
  await first.exit;
  await runStack({ LEASEHOLD_DATA_DIR: dataDir, PORT: new URL(baseUrl).port }).ready;
  const client = createClient({ baseUrl, organizationId, credential: apiKey });
  expect((await client.listActivations({ product: 'KRE' })).items).toMatchObject([{ sessionId: 'build-1' }]);
  run.child.kill('SIGUSR1');
  expect(await run.ended).toMatchObject({ code: 3, stderr: '' });
  expect((await client.listActivations({ product: 'KRE' })).items).toEqual([]);
});

it('the key is revoked: the license lasts as long as its lease, and then the command is ended', async () => {
  const product = await subscribe({ leaseSeconds });
  const { id, key } = await as('user').createApiKey({ name: 'ci', scope: 'activate' });
  const { ended } = await start(product, { LEASEHOLD_API_KEY: key });
  await as('user').revokeApiKey({ keyId: id });
  expect(await ended).toMatchObject({ code: 79, stderr: expect.stringContaining('refused') });
});

it('kill -9: the license is free when its lease ends', async () => {
  const product = await subscribe({ leaseSeconds });
  const { child, ended } = await start(product);
  child.kill('SIGKILL');
  await ended;
  await vi.waitFor(async () => expect(await online(product)).toEqual([]), { timeout: 30_000, interval: 500 });
});

describe('the command was stopped for longer than the lease', () => {
  it('and nobody took the license: it has it again at once', async () => {
    const product = await subscribe({ leaseSeconds });
    const { child, ended } = await start(product);
    child.kill('SIGSTOP');
    await sleep((leaseSeconds + 2) * 1000);
    expect(await online(product)).toEqual([]);
    child.kill('SIGCONT');
    await vi.waitFor(async () => expect(await online(product)).toEqual(['build-1']), {
      timeout: 10_000,
      interval: 200,
    });
    child.kill('SIGUSR1');
    expect(await ended).toMatchObject({ code: 3, stderr: '' });
  });

  it('and somebody took it: the command is ended', async () => {
    const product = await subscribe({ leaseSeconds, quota: 1 });
    const { child, ended } = await start(product);
    child.kill('SIGSTOP');
    await vi.waitFor(() => as('apiKey').activate({ product, machineId: 'm', sessionId: 'other' }), {
      timeout: 30_000,
      interval: 500,
    });
    child.kill('SIGCONT');
    expect(await ended).toMatchObject({ code: 79, stderr: expect.stringContaining('lease-expired') });
    expect(await online(product)).toEqual(['other']);
  });
});

it('starts up', () => {
  const medianMs = (args: string[]): number => {
    const times = Array.from({ length: 9 }, () => {
      const began = performance.now();
      expect(spawnSync(process.execPath, args, { stdio: 'ignore' }).status).toBe(0);
      return performance.now() - began;
    });
    return times.sort((a, b) => a - b)[4] ?? 0;
  };
  const over = medianMs(['client/command/leasehold.ts', 'machine-id']) - medianMs(['-e', '0']);
  console.log(`leasehold machine-id takes ${Math.round(over)} ms more than Node alone`);
});
