import { type Operations, routes } from './api.ts';
import { nextLinkOf, withoutHeading } from './csv.ts';
import { UnexpectedAnswer } from './errors.ts';
import { isUnencrypted } from './loopback.ts';
import { type Page, Pages } from './pages.ts';
import { randomId, requestOf } from './request.ts';
import { defaultRetries, type Retries } from './retry.ts';
import { type CallOptions, type Credential, type Opened, type Settings, send } from './send.ts';

export interface ClientOptions {
  /** The service's URL, such as `https://api.example.com`. */
  readonly baseUrl: string | URL;
  /** An API key or a token, or a function that returns one. Without it only public operations work. */
  readonly credential?: Credential;
  /**
   * Allows plain http to another machine, where everybody on the way reads the credential. Default: false, and
   * `createClient` throws a `TypeError`.
   */
  readonly allowHttp?: boolean;
  /** The default organization of calls. */
  readonly organizationId?: string;
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Time limit of one attempt, ms. Default: 15,000. */
  readonly timeoutMs?: number;
  readonly retries?: Partial<Retries>;
}

type Name = keyof Operations;
type RouteOf<N extends Name> = (typeof routes)[N];

/** The input of an operation. The organization may be left to the client. */
export type Input<N extends Name> = Operations[N]['input'] extends { organizationId: string }
  ? Omit<Operations[N]['input'], 'organizationId'> & { organizationId?: string }
  : Operations[N]['input'];

/** The parameters of a method. The input is optional if none of its fields is required. */
type Arguments<N extends Name> =
  Record<never, never> extends Input<N>
    ? [input?: Input<N>, options?: CallOptions]
    : [input: Input<N>, options?: CallOptions];

type Result<N extends Name> =
  RouteOf<N> extends { list: true } ? Pages<ItemOf<Operations[N]['output']>> : Promise<Operations[N]['output']>;
type ItemOf<P> = P extends Page<infer T> ? T : never;

/** The operations that also answer as CSV. */
type CsvName = { [N in Name]: RouteOf<N> extends { csv: true } ? N : never }[Name];

/** A successful answer with status and headers. */
export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** Each operation as a method, and each report as CSV: chunks of text, all pages under one heading line. */
export type Client = { readonly [N in Name]: (...args: Arguments<N>) => Result<N> } & {
  readonly [N in CsvName as `${N}Csv`]: (...args: Arguments<N>) => AsyncGenerator<string, void, undefined>;
} & {
  /** Calls an operation and returns the whole answer. */
  readonly call: <N extends Name>(name: N, ...args: Arguments<N>) => Promise<Answer<Operations[N]['output']>>;
};

type AnyInput = Record<string, unknown>;

const readAnswer = async ({ status, headers, text }: Opened): Promise<Answer<unknown>> => {
  const body = await text();
  if (status === 204) return { status, headers, body: undefined };
  if (!/^application\/([^;]+\+)?json\b/.test(headers.get('content-type') ?? '')) return { status, headers, body };
  try {
    return { status, headers, body: JSON.parse(body) };
  } catch {
    throw new UnexpectedAnswer('The server sent invalid JSON.', status);
  }
};

/**
 * Creates a client of the service. Each operation is a method with one object: the fields of path, query and body. Each
 * refusal is an error of its own class. Network failures, 429 and 5xx are retried where a repetition is harmless; for that the
 * client adds a `sessionId` to an activation and an idempotency key to a creation.
 *
 * @example
 * const client = createClient({ baseUrl: 'https://api.example.com', credential: 'lh_…', organizationId: 'org_…' });
 * for await (const { userId, machineId } of client.listActivations({ product: 'KRE' })) console.log(userId, machineId);
 */
export const createClient = (options: ClientOptions): Client => {
  const base = String(options.baseUrl).replace(/\/*$/, '/');
  if (options.credential !== undefined && !options.allowHttp && URL.canParse(base) && isUnencrypted(new URL(base)))
    throw new TypeError(
      `${base} is plain http: a credential is sent by https alone, unless you allow it with allowHttp.`,
    );
  const settings: Settings = {
    credential: options.credential,
    // Looks up the global `fetch` for each request, and calls it without `this`, as browsers require.
    fetch: options.fetch ?? ((...args) => fetch(...args)),
    timeoutMs: options.timeoutMs ?? 15_000,
    retries: { ...defaultRetries, ...options.retries },
  };

  const complete = (name: Name, input: AnyInput): AnyInput => ({
    ...(routes[name].path.includes('{organizationId}') &&
      options.organizationId !== undefined && { organizationId: options.organizationId }),
    ...(name === 'activate' && input.dryRun !== true && { sessionId: randomId() }),
    ...Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)),
  });

  const call = async (name: Name, input: AnyInput = {}, callOptions: CallOptions = {}): Promise<Answer<unknown>> =>
    send(name, requestOf(name, complete(name, input), { base }), settings, callOptions, readAnswer);

  const list = (name: Name, input: AnyInput = {}, callOptions?: CallOptions) =>
    new Pages<unknown>(
      async (cursor) => (await call(name, { ...input, ...(cursor && { cursor }) }, callOptions)).body as Page<unknown>,
    );

  async function* csv(name: Name, input: AnyInput = {}, callOptions: CallOptions = {}) {
    const first = requestOf(name, complete(name, input), { base, accept: 'text/csv' });
    let next: string | undefined;
    do {
      // Takes only the query of the link, so that the credential goes to no other host.
      const url =
        next === undefined ? first.url : Object.assign(new URL(first.url), { search: new URL(next, base).search });
      const opened = await send(name, { ...first, url }, settings, callOptions, async (answer) => ({
        next: nextLinkOf(answer.headers),
        pieces: answer.chunks(),
      }));
      yield* next === undefined ? opened.pieces : withoutHeading(opened.pieces);
      next = opened.next;
    } while (next !== undefined);
  }

  const methods = Object.entries(routes).flatMap(([key, route]) => {
    const name = key as Name;
    const method =
      'list' in route
        ? (input?: AnyInput, callOptions?: CallOptions) => list(name, input, callOptions)
        : async (input?: AnyInput, callOptions?: CallOptions) => (await call(name, input, callOptions)).body;
    const asCsv = (input?: AnyInput, callOptions?: CallOptions) => csv(name, input, callOptions);
    return [[name, method] as const, ...('csv' in route ? [[`${name}Csv`, asCsv] as const] : [])];
  });
  return { ...Object.fromEntries(methods), call } as unknown as Client;
};
