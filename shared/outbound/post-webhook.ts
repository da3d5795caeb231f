import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { TargetAnswer } from '../domain/outbox/webhook.ts';
import { mayReach, type TargetRules, wrongTarget } from '../domain/outbox/webhook-target.ts';

/** Resolves a name to all its addresses, as `node:dns` does. */
export type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

interface PostOptions extends TargetRules {
  /** For everything: the name, the connection, the answer's headers. */
  timeoutMs?: number;
  readsBody?: boolean;
  lookup?: Lookup;
}

const notAllowed = 'ADDRESS_NOT_ALLOWED';

/**
 * Posts JSON to a target that somebody outside chose. The connection reaches public addresses only: the look-up that gives the
 * address also checks it (so a name that changes meanwhile gains nothing), and a redirect is an answer like any other. Reads
 * only the status of the answer.
 *
 * @param options.readsBody also read the body, if it is short
 */
export const post = (
  target: string,
  { headers, body }: { headers: Record<string, string>; body: string },
  { loopback, timeoutMs = 10_000, readsBody = false, lookup = systemLookup }: PostOptions,
): Promise<TargetAnswer & { body?: string }> => {
  const url = new URL(target);
  // What is no name is never looked up.
  if (wrongTarget(url, { loopback })) return Promise.resolve({ error: notAllowed });
  return new Promise((resolve) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      // A connection of its own: none that was checked for another time, nor through a proxy.
      agent: false,
      lookup: publicOnly(lookup, { loopback }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.on('response', (response) => {
      const done = (body?: string) => {
        resolve({ status: response.statusCode ?? 0, ...(body !== undefined && { body }) });
        response.destroy();
      };
      if (readsBody) readBody(response, done);
      else done();
    });
    request.on('upgrade', (response, socket) => {
      resolve({ status: response.statusCode ?? 0 });
      socket.destroy();
    });
    request.on('error', (error: NodeJS.ErrnoException) => resolve({ error: reasonOf(error) }));
    // Whatever else it ends with: a sender that waits for what never comes would be held until its own time is over.
    request.on('close', () => resolve({ error: 'FAILED' }));
    request.end(body);
  });
};

/** The longest body to read, bytes: a challenge has 32 characters, and the JSON around it a few more. */
const maxBodyBytes = 1024;

/** Reads the body of an answer: undefined if it is too long to be a challenge, or breaks off. */
const readBody = (response: IncomingMessage, done: (body: string | undefined) => void): void => {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBodyBytes) done(undefined);
  });
  response.on('end', () => done(Buffer.concat(chunks).toString()));
  response.on('error', () => done(undefined));
};

/** A look-up that gives no address that may not be reached: not one of several either. */
const publicOnly =
  (lookup: Lookup, rules: TargetRules): LookupFunction =>
  (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error) callback(error, '');
      else if (!first || !addresses.every(({ address }) => mayReach(address, rules)))
        callback(Object.assign(new Error(`${hostname} is not a public host`), { code: notAllowed }), '');
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });

/** A word for why there was no answer, for whoever has to repair it. */
const reasonOf = (error: NodeJS.ErrnoException): string =>
  error.name === 'AbortError' || error.name === 'TimeoutError' ? 'TIMEOUT' : (error.code ?? 'FAILED');
