import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { Worker } from 'node:worker_threads';
import { MAX_CONCURRENCY } from '../../infra/local/lambda/concurrency.ts';
import { createApiKey } from '../../shared/table/accounts/api-keys.ts';
import { addMember } from '../../shared/table/items/members.ts';
import type { Pool } from '../../shared/table/store/keys.ts';
import type { Table } from '../../shared/table/store/table.ts';
import type { Told, Way } from './sessions.ts';

/** Starts the service over HTTP on loopback, and gives the way to it, with an API key. */
export const startService = async (
  table: Table,
  pool: Pool,
  endpoint: string,
): Promise<{ way: Way; stop: () => Promise<unknown> }> => {
  const worker = new Worker(new URL('./service.ts', import.meta.url), {
    env: {
      ...process.env,
      TABLE_NAME: table.name,
      DYNAMODB_ENDPOINT: endpoint,
      OIDC_ISSUER: 'https://issuer.example',
      OIDC_AUDIENCE: 'leasehold',
      AWS_LAMBDA_MAX_CONCURRENCY: String(MAX_CONCURRENCY),
      // Drops logs and metrics.
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
    },
  });
  const [[port], key] = await Promise.all([once(worker, 'message'), apiKey(table, pool)]);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const stop = async () => {
    agent.destroy();
    await worker.terminate();
  };
  return { way: throughHttp(caller(agent, port, key), pool), stop };
};

/** Makes an API key of a member of a pool. */
export const apiKey = async (table: Table, { organizationId }: Pool): Promise<string> => {
  const now = Date.now();
  const { userId } = await addMember(table, { organizationId, email: 'ada@acme.example', role: 'user', now });
  const request = { organizationId, userId, name: 'bench', scope: 'activate' as const, expiresAt: null };
  const created = await createApiKey(table, request, { createdBy: userId, now });
  if (created.outcome !== 'created') throw new Error('no API key');
  return created.key;
};

type Call = (method: string, path: string, expected: number, body?: object) => Promise<string>;

/** Calls a service on this machine with an API key. */
export const caller =
  (agent: Agent, port: number, key: string): Call =>
  (method, path, expected, body) =>
    new Promise((resolve, reject) => {
      const text = body && JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${key}`,
        ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      };
      const sent = request({ agent, host: '127.0.0.1', port, method, path, headers }, async (response) => {
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk);
          const answer = Buffer.concat(chunks).toString();
          if (response.statusCode === expected) resolve(answer);
          else reject(new Error(`${method} ${path} answered ${response.statusCode}: ${answer}`));
        } catch (error) {
          reject(error);
        }
      });
      sent.on('error', reject);
      sent.end(text);
    });

/** The way to a service through its HTTP API. */
export const throughHttp = (call: Call, { organizationId, product }: Pool): Way => {
  const activations = `/v1/organizations/${organizationId}/subscriptions/${product}/activations`;
  return {
    activate: async (sessionId) =>
      JSON.parse(await call('POST', activations, 201, { sessionId, machineId: 'runner-07' })),
    heartbeat: async (sessionId, { seat, fence }: Told) => {
      await call('POST', `${activations}/${sessionId}/heartbeat`, 200, { seat, fence });
    },
    release: async (sessionId) => {
      await call('DELETE', `${activations}/${sessionId}`, 204);
    },
  };
};
