import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request that arrived. */
interface Arrived {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export type Reaction = (response: ServerResponse, arrived: Arrived) => void | Promise<void>;

/** Answers with JSON. */
export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reaction =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** Refuses as the service does. */
export const refuse =
  (status: number, code: string, fields: object = {}, headers: Record<string, string> = {}): Reaction =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': 'application/problem+json', 'x-request-id': 'r-1', ...headers })
      .end(JSON.stringify({ title: code, status, detail: `It is ${code}.`, code, requestId: 'r-1', ...fields }));

/** Hangs up, once the request was read. */
export const drop: Reaction = (response) => void response.destroy();

/** Never answers. */
export const silence: Reaction = () => {};

/**
 * A server that reacts to each request by the next reaction of a list, then always by the last. Removed after the test.
 */
export const faultyServer = async (...reactions: Reaction[]) => {
  const arrived: Arrived[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
    arrived.push(one);
    await reactions[Math.min(arrived.length, reactions.length) - 1]?.(response, one);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrived };
};

/** An address at which nothing listens: a program needs a privilege for such a port, and `fetch` has no rule against it. */
export const closed = 'http://127.0.0.1:2';

/**
 * Waits for each answer, however long the client's own time is: a machine that stands still changes nothing in a test that is about
 * something else.
 */
export const patient: typeof fetch = (input, init) => fetch(input, { ...init, signal: null });
