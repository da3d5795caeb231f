import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../explore/random.ts';

/** How often each fault happens, of all requests. */
export interface FaultRates {
  /** The request never reaches the database. */
  dropped: number;
  /** The database serves the request; its answer is lost. */
  answerLost: number;
  /** The request reaches the database late, perhaps after its sender gave up or died. */
  delayed: number;
  throttled: number;
  /** A 500 of the database, which has served the request or not. */
  failed: number;
}

export const noFaults: FaultRates = { dropped: 0, answerLost: 0, delayed: 0, throttled: 0, failed: 0 };
export const storm: FaultRates = { dropped: 0.01, answerLost: 0.02, delayed: 0.02, throttled: 0.02, failed: 0.01 };

/** The longest delay of a request, ms. */
const longestDelayMs = 4_000;
/** A sender gives up by then, ms, and tries again while its first request may still be under way. */
const patienceMs = 2_000;

export interface FaultProxy {
  endpoint: string;
  /** How often each fault happened. */
  counts: Record<keyof FaultRates | 'served' | 'late', number>;
  set: (rates: FaultRates) => void;
  /** Waits until every request that the proxy has got so far is served, or dropped. */
  settle: () => Promise<void>;
  /** Waits until every request of a service that has died is served, or dropped. */
  drain: () => Promise<void>;
  stop: () => Promise<void>;
}

/** Starts a proxy between the service and the database that injects faults. Reads of the stream have none. */
export const startFaultProxy = async (target: string, random: Random): Promise<FaultProxy> => {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const counts = { dropped: 0, answerLost: 0, delayed: 0, throttled: 0, failed: 0, served: 0, late: 0 };
  let rates = noFaults;

  const chosen = (): keyof FaultRates | undefined => {
    let left = random();
    for (const [fault, rate] of Object.entries(rates)) {
      left -= rate;
      if (left < 0) return fault as keyof FaultRates;
    }
    return undefined;
  };

  const serve = (incoming: IncomingMessage, body: Buffer) =>
    new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
      counts.served++;
      const { method, url, headers } = incoming;
      const outgoing = request({ hostname, port, method, path: url, headers, agent }, async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk);
        resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: Buffer.concat(chunks) });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });

  const refuse = (response: ServerResponse, status: number, type: string) =>
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'injected' }));

  const underWay = new Set<Promise<void>>();
  const settle = async () => {
    await Promise.all(underWay);
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks);
    const isOfTable = String(incoming.headers['x-amz-target']).startsWith('DynamoDB_');
    const fault = isOfTable ? chosen() : undefined;
    if (fault) counts[fault]++;
    if (fault === 'dropped') return void response.destroy();
    if (fault === 'throttled') return void refuse(response, 400, 'ProvisionedThroughputExceededException');
    if (fault === 'failed' && random() < 0.5) return void refuse(response, 500, 'InternalServerError');
    if (fault === 'delayed') {
      const givingUp = setTimeout(() => response.destroy(), patienceMs);
      await sleep(random() * random() * longestDelayMs);
      clearTimeout(givingUp);
    }
    if (response.destroyed && String(incoming.headers['x-amz-target']).endsWith('UpdateItem')) counts.late++;
    try {
      // A request that was sent is served, also if its sender has died meanwhile.
      const answer = await serve(incoming, body);
      if (fault === 'answerLost') return void response.destroy();
      if (fault === 'failed') return void refuse(response, 500, 'InternalServerError');
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch {
      response.destroy();
    }
  };
  const server = createServer((incoming, response) => {
    const handled = handle(incoming, response).finally(() => underWay.delete(handled));
    underWay.add(handled);
  });
  const connections = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    set: (next) => {
      rates = next;
    },
    settle,
    drain: async () => {
      // A connection closes after the proxy has read all that its sender had sent.
      for (const deadline = Date.now() + 10_000; (await connections()) > 0 && Date.now() < deadline; ) await sleep(20);
      await settle();
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
};
