import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../startup-error.ts';
import { ownProblem } from './own-problem.ts';

const DRAIN_LIMIT_MS = 15_000;
const KEEP_ALIVE_MS = 75_000;
/** The runners of a pipeline all connect in the same moment. */
const BACKLOG = 4_096;

/** A listening server, which answers 503 until `answerWith` is called. */
export interface HttpServer {
  /** The URL for its users. */
  baseUrl: string;
  answerWith(listener: RequestListener): void;
  /** Takes no more requests, and waits for the answers in progress. */
  close(): Promise<void>;
}

const notReady: RequestListener = async (_request, response) => {
  const { headers, body } = await ownProblem(503, 'The stack is starting.', { 'Retry-After': '1' });
  response.writeHead(503, headers as Record<string, string>).end(body);
};

/**
 * @param port 0 for any free one
 * @throws StartupError if the port is in use
 */
export const listen = async (host: string, port: number): Promise<HttpServer> => {
  let answer = notReady;
  const open = (address: string, at: number) => listenAt(address, at, (...call) => answer(...call));

  const first = await open(host === 'localhost' ? '127.0.0.1' : host, port);
  const taken = (first.address() as AddressInfo).port;
  const servers = [first];
  if (host === 'localhost') {
    // `localhost` may be IPv4 or IPv6: serve both, where there is IPv6.
    try {
      servers.push(await open('::1', taken));
    } catch (error) {
      if (error instanceof StartupError) {
        first.close();
        throw error;
      }
    }
  }
  return {
    baseUrl: `http://${nameOf(host)}:${taken}`,
    answerWith: (listener) => {
      answer = listener;
    },
    close: async () => {
      await Promise.all(servers.map(drain));
    },
  };
};

/** The name that a client on this machine can use. */
const nameOf = (host: string) => {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
};

const listenAt = (host: string, port: number, listener: RequestListener): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(listener);
    server.once('error', (error: NodeJS.ErrnoException) => reject(explained(error, host, port)));
    // Longer than clients keep a connection: if the server closed first, a request could fail.
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.listen({ port, host, backlog: BACKLOG }, () => resolve(server));
  });

const explained = (error: NodeJS.ErrnoException, host: string, port: number): Error => {
  const another = `choose another, e.g. \`PORT=${port === 8788 ? 8789 : 8788} npm start\`.`;
  if (error.code === 'EADDRINUSE')
    return new StartupError(`Port ${port} is in use: stop what listens there, or ${another}`);
  if (error.code === 'EACCES') return new StartupError(`Port ${port} needs privileges to listen on: ${another}`);
  if (host === '::1') return error;
  return new StartupError(
    `HOST=${host} is no address of this machine (${error.code}): set it to one, or leave it out.`,
  );
};

const drain = async (server: Server) => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  let done = false;
  closed.then(() => {
    done = true;
  });
  for (const deadline = Date.now() + DRAIN_LIMIT_MS; !done; await sleep(20)) {
    // Clients keep idle connections open.
    if (Date.now() < deadline) server.closeIdleConnections();
    else server.closeAllConnections();
  }
};
