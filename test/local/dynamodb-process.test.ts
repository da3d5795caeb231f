import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startDynamoDbLocal } from '../../infra/local/database/dynamodb-process.ts';
import { findJava } from '../../infra/local/database/java.ts';
import { makeDataDir, runStack } from './stack-process.ts';

/** The addresses of this machine that the stack does not use: a server that answers there listens on all interfaces. */
const otherAddresses = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .map(({ address, scopeid }) => (scopeid ? `${address}%${scopeid}` : address))
  .filter((address) => address !== '127.0.0.1')
  // Each Linux has this address, also without a network.
  .concat(process.platform === 'linux' ? ['127.0.0.2'] : []);

const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

const onlyHere = /^Other machines reach the database \(port \d+\), .+: install a JDK, /m;

it('no other machine reaches the database, or the stack says what to install for that', async () => {
  vi.stubEnv('DYNAMODB_ENDPOINT', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { endpoint, warning, stop } = await startDynamoDbLocal();
  onTestFinished(stop);
  const port = Number(new URL(endpoint).port);
  expect(await accepts('127.0.0.1', port)).toBe(true);
  if (!(await findJava()).compiles) return expect(warning).toMatch(onlyHere);
  expect(warning).toBeUndefined();
  const reached = await Promise.all(otherAddresses.map(async (host) => ((await accepts(host, port)) ? [host] : [])));
  expect(reached.flat()).toEqual([]);
});

it.concurrent('with a Java that cannot compile the stack runs, and warns that other machines reach the database', async (test) => {
  const environment = {
    LEASEHOLD_DATA_DIR: makeDataDir(test.onTestFinished),
    JDK_JAVA_OPTIONS: '--limit-modules java.se,jdk.unsupported',
  };
  const stack = runStack(environment, { over: test.onTestFinished });
  await stack.ready;
  expect(stack.output().stdout).toMatch(onlyHere);
});

// Meanwhile, as this test takes 6 s.
it.concurrent('another database may take its time to answer', async (test) => {
  const busy = createServer((_request, response) => setTimeout(() => response.writeHead(400).end(), 6_000));
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  test.onTestFinished(() => void busy.close());
  const endpoint = `http://127.0.0.1:${(busy.address() as AddressInfo).port}`;
  vi.stubEnv('DYNAMODB_ENDPOINT', endpoint);
  test.onTestFinished(() => void vi.unstubAllEnvs());
  expect(await startDynamoDbLocal()).toMatchObject({ endpoint });
});
