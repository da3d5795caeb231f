import { type Operations, routes } from './api.ts';
import { nextLinkOf, withoutHeading } from './csv.ts';
import { UnexpectedAnswer } from './errors.ts';
import { isUnencrypted } from './loopback.ts';
import { type Page, Pages } from './pages.ts';
import { randomId, requestOf } from './request.ts';
import { defaultRetries, type Retries } from './retry.ts';
import { type CallOptions, type Credential, type Opened, type Settings, send } from './send.ts';

export interface ClientOptions {
  /** Where the service is, such as `https://api.example.com`. */
  readonly baseUrl: string | URL;
  /** An API key or a token, or a function that gives one. Absent: only what anyone may ask works. */
  readonly credential?: Credential;
  /**
   * Allows plain http to another machine, where everybody on the way reads the credential. Default: false; the constructor
   * then throws a `TypeError`.
   */
  readonly allowHttp?: boolean;
  /** The organization that calls are about unless they say another. */
  readonly organizationId?: string;
  /** What sends requests, instead of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** How long one attempt may take, ms. Default: 15,000. */
  readonly timeoutMs?: number;
  readonly retries?: Partial<Retries>;
}

type Name = keyof Operations;
type RouteOf<N extends Name> = (typeof routes)[N];

/** What an operation takes: the organization may be the client's. */
export type Input<N extends Name> = Operations[N]['input'] extends { organizationId: string }
  ? Omit<Operations[N]['input'], 'organizationId'> & { organizationId?: string }
  : Operations[N]['input'];

/** An input that may be left out if nothing in it is required. */
type Arguments<N extends Name> =
  Record<never, never> extends Input<N>
    ? [input?: Input<N>, options?: CallOptions]
    : [input: Input<N>, options?: CallOptions];

type Result<N extends Name> = Operations[N] extends { item: infer T } ? Pages<T> : Promise<Operations[N]['output']>;

/** The operations that are also told as CSV. */
type CsvName = { [N in Name]: RouteOf<N> extends { csv: true } ? N : never }[Name];

/** A successful answer, with what is beside its body. */
export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** An operation as a method, and its report as a file: pieces of text, that of all pages with one heading. */
export type Client = { readonly [N in Name]: (...args: Arguments<N>) => Result<N> } & {
  readonly [N in CsvName as `${N}Csv`]: (...args: Arguments<N>) => AsyncGenerator<string, void, undefined>;
} & {
  /** Calls an operation and gives its whole answer. */
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
    throw new UnexpectedAnswer('What answered sent JSON that is none.', status);
  }
};

/**
 * A client of the service: every operation is a method that takes one object, the fields of its path, query and body.
 * A refusal is thrown as an error of a class of its own. What fails by the network, 429 or 5xx is tried again, if a
 * second time can do no harm: an activation without `sessionId` gets one, and so does a creation an idempotency key.
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
    // The global one is looked up for each request, and called as the function of nothing, as browsers want it.
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
      // Only the query of the link is taken, so that the credential goes nowhere else.
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
