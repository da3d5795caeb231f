import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accessLogFields } from '../../../infra/constructs/gateway.ts';
import { createGateway } from '../../../infra/local/gateway/api-gateway.ts';
import { loadFunctions } from '../../../infra/local/lambda/load-functions.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { createPool, type Database } from '../database.ts';
import { apiKey, caller, throughHttp } from '../http.ts';
import { newSession } from '../sessions.ts';

/** CloudWatch adds this to each event, bytes. */
const ofEvent = 26;

/** The bytes that a call logs: the gateway's line, and the functions' lines. */
export interface Logged {
  gateway: number;
  authorizer: number;
  activate: number;
  heartbeat: number;
  deactivate: number;
}

/** Calls the functions behind the local gateway, and counts what they log. */
export const countLogged = async ({ table, endpoint }: Database): Promise<Logged> => {
  Object.assign(process.env, {
    TABLE_NAME: table.name,
    DYNAMODB_ENDPOINT: endpoint,
    OIDC_ISSUER: 'https://issuer.example',
    OIDC_AUDIENCE: 'leasehold',
    POWERTOOLS_SERVICE_NAME: 'leasehold',
    POWERTOOLS_METRICS_NAMESPACE: 'Leasehold',
  });
  const pool = await createPool(table, 10);
  const key = await apiKey(table, pool);
  const server = createServer(createGateway(await loadFunctions()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true });
  const way = throughHttp(caller(agent, (server.address() as AddressInfo).port, key), pool);
  try {
    const bySession = async () => {
      const id = newSession();
      const [told, activate] = await logOf(() => way.activate(id));
      const beats: number[] = [];
      for (let beat = 0; beat < 100; beat++) beats.push((await logOf(() => way.heartbeat(id, told)))[1]);
      const [, deactivate] = await logOf(() => way.release(id));
      return { activate, heartbeat: beats.reduce((sum, bytes) => sum + bytes) / beats.length, deactivate };
    };
    // The first calls also ask the authorizer.
    const first = await bySession();
    const second = await bySession();
    return { gateway: gatewayLine(), authorizer: first.activate - second.activate, ...second };
  } finally {
    agent.destroy();
    server.close();
  }
};

/** Returns what a call writes to standard output, as Lambda sends it to CloudWatch. */
const logOf = async <T>(work: () => Promise<T>): Promise<[T, bytes: number]> => {
  let bytes = 0;
  const { write } = process.stdout;
  process.stdout.write = ((line: string | Uint8Array) => {
    bytes += Buffer.byteLength(line as string) + ofEvent;
    return true;
  }) as typeof write;
  try {
    return [await work(), bytes];
  } finally {
    process.stdout.write = write;
  }
};

/** Returns the size of the gateway's line of a heartbeat. */
const gatewayLine = (): number => {
  const values: Record<string, string> = {
    '$context.requestId': 'JKJaXmPLvHcESHA=',
    '$context.identity.sourceIp': '203.0.113.107',
    '$context.identity.userAgent': 'leasehold/0.1.0',
    '$context.routeKey': `${heartbeat.method} ${heartbeat.path}`,
    '$context.status': '200',
    '$context.responseLength': '312',
    '$context.responseLatency': '23',
    '$context.integrationLatency': '21',
  };
  return (
    ofEvent +
    JSON.stringify(
      Object.fromEntries(Object.entries(accessLogFields).map(([field, variable]) => [field, values[variable] ?? '-'])),
    ).length
  );
};
