import { expect, it } from 'vitest';
import { acquire, createClient } from '../../client/index.ts';
import { drop, faultyServer, json, type Reaction, refuse } from './faulty-server.ts';

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

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

/** Takes a license, loses it by what its heartbeats come to, and releases it. Gives what was asked for after the loss. */
const loseAndRelease = async (heartbeat: Reaction, found: Reaction) => {
  const { baseUrl, arrived } = await faultyServer(json(201, activation()), async (response, request) => {
    if (request.method === 'POST') return heartbeat(response, request);
    if (request.method === 'GET') return found(response, request);
    response.writeHead(204).end();
  });
  const hold = await acquire(createClient({ baseUrl, organizationId: 'org_1', credential: 'lh_x' }), {
    product: 'KRE',
    machineId: 'runner-1',
    sessionId: 's-1',
  });
  await new Promise((resolve) => hold.signal.addEventListener('abort', resolve));
  await hold.release();
  return { reason: hold.signal.reason.reason, asked: arrived.map(({ method }) => method).filter((m) => m !== 'POST') };
};

it('a license whose heartbeats arrived, but not their answers, is given back', async () => {
  expect(await loseAndRelease(drop, json(200, activation()))).toEqual({
    reason: 'unreachable',
    asked: ['GET', 'DELETE'],
  });
});

it.each([
  ['another claim of its session', json(200, activation({ fence: 8 }))],
  ['a place in the queue', json(200, { status: 'waiting', sessionId: 's-1', position: 1 })],
  ['nothing that can be told', drop],
])('after such a loss, %s is left alone', async (_, found) => {
  expect(await loseAndRelease(drop, found)).toEqual({ reason: 'unreachable', asked: ['GET'] });
});

it('a license that the service ended is not asked about again', async () => {
  const ended = refuse(410, 'activation-ended', { endedReason: 'machine-removed' });
  expect(await loseAndRelease(ended, drop)).toEqual({ reason: 'machine-removed', asked: [] });
});
