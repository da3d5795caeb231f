import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGateway } from '../../../infra/local/gateway/api-gateway.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { listMachines } from '../../../shared/contracts/list-machines.ts';
import { activateFloating } from '../../../shared/table/activations/activate-floating.ts';
import { openWorld } from '../support/harness.ts';

// The API refuses the IDs `.` and `..` today; items of such IDs may be stored from before, and can be removed.

const world = await openWorld();
const server = createServer(
  createGateway((name) => ({
    name,
    timeLimitMs: 60_000,
    handler: async (...invocation) => (await import(`../../../functions/${name}.ts`)).handler(...invocation),
  })),
);
beforeAll(() => new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening)));
afterAll(() => server.close());

/** Sends a path as it is, over HTTP; `fetch` would resolve its dots. Returns the status. */
const remove = (path: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${world.credential('admin')}` };
    const { port } = server.address() as AddressInfo;
    request({ host: '127.0.0.1', port, method: 'DELETE', path, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end();
  });

it.each(['.', '..'])('a machine and a session whose ID is %s can be removed over HTTP', async (id) => {
  const { path } = await world.subscribe({ machineQuota: 2 });
  const user = await world.userId('user');
  const start = (sessionId: string, machineId: string) =>
    activateFloating(world.table, path, { sessionId, machineId, userId: user });
  const url = `/v1/organizations/${path.organizationId}/subscriptions/${path.product}`;
  const endOf = async (sessionId: string) =>
    (await world.got(200, getActivation, { as: 'owner', path: { sessionId } })).endedReason;

  await start(id, 'm');
  expect(await remove(`${url}/activations/${id}`)).toBe(204);
  expect(await endOf(id)).toBe('license-removed');
  await start('on-it', id);
  expect(await remove(`${url}/machines/${id}/license`)).toBe(204);
  expect(await endOf('on-it')).toBe('license-removed');
  await start('again', id);
  expect(await remove(`${url}/machines/${id}`)).toBe(204);
  expect(await endOf('again')).toBe('machine-removed');
  expect(await world.got(200, listMachines, { as: 'owner' })).toEqual({ items: [] });
});
