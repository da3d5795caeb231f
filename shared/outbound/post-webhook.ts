import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { TargetAnswer } from '../domain/outbox/webhook.ts';
import { mayReach, type TargetRules, targetError } from '../domain/outbox/webhook-target.ts';

/** Resolves a name to all its addresses, as `node:dns` does. */
export type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

interface PostOptions extends TargetRules {
  /** Time limit, ms: for the name, the connection and the answer's headers. */
  timeoutMs?: number;
  readsBody?: boolean;
  lookup?: Lookup;
}

const notAllowed = 'ADDRESS_NOT_ALLOWED';

/**
 * Posts JSON to a URL that a customer chose. Connects to public addresses only: the lookup checks the address that it returns, so
 * a DNS change in between gains nothing. Does not follow redirects. Of an answer it reads the status, and of a refusal also the
 * beginning of the body.
 *
 * @param options.readsBody also read the body of an acceptance, if it is short
 */
export const post = (
  target: string,
  { headers, body }: { headers: Record<string, string>; body: string },
  { loopback, timeoutMs = 10_000, readsBody = false, lookup = systemLookup }: PostOptions,
): Promise<TargetAnswer> => {
  const url = new URL(target);
  // A literal address is never looked up, so check it here.
  if (targetError(url, { loopback })) return Promise.resolve({ error: notAllowed });
  return new Promise((resolve) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      // A new connection each time, checked now, and no proxy.
      agent: false,
      lookup: publicOnly(lookup, { loopback }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      const isRefusal = status < 200 || status >= 300;
      const done = (body?: string) => {
        resolve({ status, ...(body !== undefined && { body }) });
        response.destroy();
      };
      if (isRefusal) readBody(response, (body, isLong) => done(body ? `${body}${isLong ? '…' : ''}` : undefined));
      else if (readsBody) readBody(response, (body, isLong) => done(isLong ? undefined : body));
      else done();
    });
    request.on('upgrade', (response, socket) => {
      resolve({ status: response.statusCode ?? 0 });
      socket.destroy();
    });
    request.on('error', (error: NodeJS.ErrnoException) => resolve({ error: reasonOf(error) }));
    // Any other end: otherwise the sender would wait until its own time limit.
    request.on('close', () => resolve({ error: 'FAILED' }));
    request.end(body);
  });
};

/** The longest body to read, bytes: a challenge has 32 characters, plus the JSON around it. */
const maxBodyBytes = 1024;

/** Reads the body of an answer: its beginning if it is long, undefined if it breaks off. */
const readBody = (response: IncomingMessage, done: (body: string | undefined, isLong: boolean) => void): void => {
  const chunks: Buffer[] = [];
  let size = 0;
  const text = () => Buffer.concat(chunks).subarray(0, maxBodyBytes).toString();
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBodyBytes) done(text(), true);
  });
  response.on('end', () => done(text(), false));
  response.on('error', () => done(undefined, false));
};

/** Returns a lookup that fails if any of the addresses is not allowed. */
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

/** Returns the error code for a missing answer. */
const reasonOf = (error: NodeJS.ErrnoException): string =>
  error.name === 'AbortError' || error.name === 'TimeoutError' ? 'TIMEOUT' : (error.code ?? 'FAILED');
