import { expect, it, onTestFinished, vi } from 'vitest';
import { acquire, createClient } from '../../client/index.ts';
import { drop, faultyServer, json, patient, type Reaction, refuse } from './faulty-server.ts';

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

const client = (baseUrl: string) =>
  createClient({ baseUrl, organizationId: 'org_1', credential: 'lh_x', fetch: patient });

const activation = (fields: object = {}) => ({
  sessionId: 's-1',
  product: 'KRE',
  machineId: 'runner-1',
  status: 'active',
  seat: 3,
  fence: 7,
  leaseExpiresAt: inSeconds(1),
  heartbeatSeconds: 1,
  ...fields,
});

const session = { product: 'KRE', machineId: 'runner-1', sessionId: 's-1' };

const granted = json(201, activation({ leaseExpiresAt: inSeconds(120), heartbeatSeconds: 40 }));

/** Takes a license, loses it by the answers to its heartbeats, and releases it. Returns the requests after the loss. */
const loseAndRelease = async (heartbeat: Reaction, release: Reaction = json(204, undefined)) => {
  const { baseUrl, arrived } = await faultyServer(json(201, activation()), async (response, request) =>
    request.method === 'POST' ? heartbeat(response, request) : release(response, request),
  );
  const hold = await acquire(client(baseUrl), session);
  await new Promise((resolve) => hold.signal.addEventListener('abort', resolve));
  await hold.release();
  return {
    reason: hold.signal.reason.reason,
    asked: arrived
      .filter(({ method }) => method !== 'POST')
      .map(({ method, url }) => `${method} ${url?.split('/').pop()}`),
  };
};

it('a license whose heartbeats lost their answers is released, but no later one of its session', async () => {
  expect(await loseAndRelease(drop)).toEqual({ reason: 'unreachable', asked: ['DELETE s-1?fence=7'] });
});

it('a release that failed can be repeated, until it succeeds', async () => {
  const { baseUrl, arrived } = await faultyServer(granted, refuse(403, 'forbidden'), json(204, undefined));
  const hold = await acquire(client(baseUrl), session);
  await expect(hold.release()).rejects.toThrow('It is forbidden.');
  for (const _ of ['again', 'once more']) await hold.release();
  expect(arrived.map(({ method }) => method)).toEqual(['POST', 'DELETE', 'DELETE']);
});

it('after such a loss, an unreachable service is asked once', async () => {
  expect(await loseAndRelease(drop, drop)).toEqual({ reason: 'unreachable', asked: ['DELETE s-1?fence=7'] });
});

it('a license that the service ended is not asked about again', async () => {
  const ended = refuse(410, 'activation-ended', { endedReason: 'machine-removed' });
  expect(await loseAndRelease(ended)).toEqual({ reason: 'machine-removed', asked: [] });
});

it('the first heartbeat after a stall longer than the lease has the time of any other to be answered', async () => {
  const { baseUrl } = await faultyServer(granted, granted, json(204, undefined));
  const hold = await acquire(client(baseUrl), session);
  onTestFinished(() => hold.release());
  onTestFinished(() => void vi.restoreAllMocks());
  const timers = vi.spyOn(globalThis, 'setTimeout');
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 200_000);
  await hold.heartbeat();
  expect(timers.mock.calls.map(([, ms]) => ms)).toContain(10_000);
  expect(hold.signal.aborted).toBe(false);
});

it('a heartbeat during which the process stalled for longer than the lease is sent again', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const stall: Reaction = () => {
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 200_000);
    timers.mock.calls.findLast(([, ms]) => ms === 10_000)?.[0]();
  };
  const { baseUrl, arrived } = await faultyServer(granted, stall, granted, json(204, undefined));
  const hold = await acquire(createClient({ baseUrl, organizationId: 'org_1', credential: 'lh_x' }), session);
  onTestFinished(() => hold.release());
  onTestFinished(() => void vi.restoreAllMocks());
  await hold.heartbeat();
  expect(hold.signal.aborted).toBe(false);
  await hold.heartbeat();
  expect(hold.signal.aborted).toBe(false);
  expect(arrived).toHaveLength(3);
});
