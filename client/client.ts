import { type Operations, routes } from './api.ts';
import { nextLinkOf, withoutHeading } from './csv.ts';
import { OrganizationRequired } from './errors.ts';
import { unexpectedAnswer } from './explain.ts';
import { isUnencrypted } from './loopback.ts';
import { type Page, Pages } from './pages.ts';
import { randomId, requestOf } from './request.ts';
import { defaultRetries, type Retries } from './retry.ts';
import { type CallOptions, type Credential, type Opened, type Settings, send } from './send.ts';
import { unlessAborted } from './timing.ts';

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
  /** The default organization of calls. Default: the only one of the credential, which the service is asked for once. */
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

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * Reads an answer, and recognizes the service in it: a proxy's page must not be taken for an activation or a license file.
 *
 * @throws UnexpectedAnswer if the answer is not the service's
 */
const readAnswer = async (name: Name, { url, status, headers, text }: Opened): Promise<Answer<unknown>> => {
  const route: { readonly method: string; readonly answers?: readonly string[] } = routes[name];
  const body = await text();
  if (route.answers) {
    const json = parsed(body);
    if (typeof json === 'object' && json !== null && route.answers.some((field) => Object.hasOwn(json, field)))
      return { status, headers, body: json };
  } else if (status === 204) return { status, headers, body: undefined };
  else if (route.method === 'GET' && !/\bhtml\b/.test(headers.get('content-type') ?? ''))
    return { status, headers, body };
  throw unexpectedAnswer(url, status, headers, body);
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

  let own: Promise<string> | undefined;
  /** Returns the only organization of the credential. Asks again after a failure. */
  const ownOrganization = (callOptions: CallOptions): Promise<string> => {
    own ??= call('getMe', {}, { ...callOptions, signal: undefined }).then(({ body }) => {
      const { memberships } = body as Operations['getMe']['output'];
      const [only, ...more] = memberships.map(({ organizationId }) => organizationId);
      if (only === undefined || more.length > 0)
        throw new OrganizationRequired(memberships.map(({ organizationId }) => organizationId));
      return only;
    });
    own.catch(() => {
      own = undefined;
    });
    return callOptions.signal ? unlessAborted(callOptions.signal, async () => own as Promise<string>) : own;
  };

  const complete = async (name: Name, input: AnyInput, callOptions: CallOptions): Promise<AnyInput> => {
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
    const isMissing = routes[name].path.includes('{organizationId}') && given.organizationId === undefined;
    return {
      ...(isMissing && { organizationId: options.organizationId ?? (await ownOrganization(callOptions)) }),
      ...(name === 'activate' && input.dryRun !== true && { sessionId: randomId() }),
      ...given,
    };
  };

  const call = async (name: Name, input: AnyInput = {}, callOptions: CallOptions = {}): Promise<Answer<unknown>> =>
    send(name, requestOf(name, await complete(name, input, callOptions), { base }), settings, callOptions, (opened) =>
      readAnswer(name, opened),
    );

  const list = (name: Name, input: AnyInput = {}, callOptions?: CallOptions) =>
    new Pages<unknown>(
      async (cursor) => (await call(name, { ...input, ...(cursor && { cursor }) }, callOptions)).body as Page<unknown>,
    );

  async function* csv(name: Name, input: AnyInput = {}, callOptions: CallOptions = {}) {
    const first = requestOf(name, await complete(name, input, callOptions), { base, accept: 'text/csv' });
    let next: string | undefined;
    do {
      // Takes only the query of the link, so that the credential goes to no other host.
      const url =
        next === undefined ? first.url : Object.assign(new URL(first.url), { search: new URL(next, base).search });
      const opened = await send(name, { ...first, url }, settings, callOptions, async (answer) => {
        const { status, headers } = answer;
        if (!headers.get('content-type')?.startsWith('text/csv'))
          throw unexpectedAnswer(url, status, headers, await answer.text());
        return { next: nextLinkOf(headers), pieces: answer.chunks() };
      });
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
