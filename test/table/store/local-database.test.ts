import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { keys } from '../../../shared/table/store/keys.ts';
import { getItem, openTable } from '../../../shared/table/store/table.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

it('a local database may take 9 s for an answer: the request waits for it, and is not sent again', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  const server = createServer();
  const asked = new Promise<ServerResponse>((resolve) => {
    server.once('request', (_, response) => resolve(response));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  // The time limits of the client go by the test's timers.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const table = openTable('service#tests', {
    TABLE_NAME: 'Leasehold',
    DYNAMODB_ENDPOINT: `http://127.0.0.1:${port}`,
  });
  const read = getItem(table, keys.survey());
  const response = await asked;
  vi.advanceTimersByTime(9000);
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
  response.end('{}');
  expect(await read).toBeUndefined();
  table.client.destroy();
  server.close();
});
