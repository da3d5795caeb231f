import { type Operations, routes } from './api.ts';

/** A request without its credential. */
export interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

interface Route {
  readonly method: string;
  readonly path: string;
  readonly query?: readonly string[];
  readonly body?: true;
  readonly idempotencyKey?: true;
}

/** Returns 128 random bits as hex. (`crypto.randomUUID` is missing on pages without TLS.) */
export const randomId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * Encodes one path segment. Refuses `.` and `..`: a URL resolves them even if encoded. A slash is encoded twice, since some
 * gateways decode a path before they route it.
 */
const segment = (name: string, value: unknown): string => {
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..')
    throw new TypeError(`${name} must be a name; it is ${JSON.stringify(value)}.`);
  return encodeURIComponent(value).replaceAll('%2F', '%252F');
};

/**
 * Builds the request of an operation: puts path and query fields where the route says, and the rest into the body.
 *
 * @param base ends in a slash
 * @throws TypeError if a path field is missing or not valid
 */
export const requestOf = (
  name: keyof Operations,
  { idempotencyKey = randomId(), ...input }: Record<string, unknown>,
  { base, accept }: { base: string; accept?: string },
): Request => {
  const route: Route = routes[name];
  const rest = { ...input };
  const take = (field: string) => {
    const value = rest[field];
    delete rest[field];
    return value;
  };
  const path = route.path.replace(/{(\w+)}/g, (_, field: string) => segment(field, take(field)));
  const url = new URL(`.${path}`, base);
  for (const field of route.query ?? []) {
    const value = take(field);
    if (value !== undefined) url.searchParams.set(field, String(value));
  }
  return {
    method: route.method,
    url,
    headers: {
      accept: accept ?? 'application/json',
      ...(route.body && { 'content-type': 'application/json' }),
      ...(route.idempotencyKey && { 'idempotency-key': String(idempotencyKey) }),
    },
    ...(route.body && { body: JSON.stringify(rest) }),
  };
};
