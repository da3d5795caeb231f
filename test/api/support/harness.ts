import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, expect } from 'vitest';
import { authorizer, type FunctionSpec } from '../../../infra/functions.ts';
import { invoke } from '../../../infra/local/lambda/invoke-lambda.ts';
import { activate } from '../../../shared/contracts/activate.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { createOrganization } from '../../../shared/contracts/create-organization.ts';
import { openapi } from '../../../shared/contracts/openapi.ts';
import { functionFile, isJson, mediaTypeOf, type Operation } from '../../../shared/contracts/operation.ts';
import { type ProblemCode, problemKinds, problemSchema } from '../../../shared/contracts/problems.ts';
import type { Role } from '../../../shared/contracts/schemas/organization.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import type { Principal } from '../../../shared/domain/accounts/principal.ts';
import { addMember } from '../../../shared/table/items/members.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createDatabase, type Database } from '../../table/support/database.ts';
import { createLocalTable } from '../../table/support/local-dynamodb.ts';
import { withGrant } from './grants.ts';

/** The callers. All but `vendor`, `stranger` and `nobody` are members of the world's organization. */
export type As =
  | 'vendor'
  | 'owner'
  | 'admin'
  | 'billingManager'
  | 'user'
  /** A second plain member. */
  | 'otherUser'
  /** An API key of `user`, of scope `activate`. */
  | 'apiKey'
  /** An API key of `user`, of scope `full`. */
  | 'fullKey'
  /** The owner of another organization. */
  | 'stranger'
  /** No credential. */
  | 'nobody'
  /** Any other credential; the authorizer is asked anew each time. */
  | { bearer: string };

export interface Call {
  as: As;
  /** The organization and product of the path have defaults. */
  path?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** An object goes out as JSON; a string as it is. */
  body?: unknown;
}

export type Json = any;

export interface Answer {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: Json;
}

const realNow = Date.now;
/**
 * Moves the service's clock. Each test begins with the real time. From then on the clock goes at a tenth of the speed, so that no
 * lease, place in the queue or patience ends because the machine is slow. Each call takes a millisecond more, so that the times of
 * two calls differ.
 */
export const clock = {
  ahead: 0,
  /** The time at which the clock stands still, epoch ms; only `advance` moves it then. */
  stoppedAt: undefined as number | undefined,
  /** The time from which the clock goes slowly, epoch ms; undefined outside of these tests. */
  slowFrom: undefined as number | undefined,
  /** How many milliseconds `tick` has added since then. */
  ticks: 0,
  advance(ms: number) {
    clock.ahead += ms;
  },
  /** Lets a millisecond pass, unless the clock is stopped. */
  tick() {
    clock.ticks++;
  },
};
const setClock = (slowFrom: number | undefined) =>
  Object.assign(clock, { ahead: 0, stoppedAt: undefined, slowFrom, ticks: 0 });
const runningNow = () => {
  const { slowFrom, ticks } = clock;
  return slowFrom === undefined ? realNow() : slowFrom + Math.floor((realNow() - slowFrom) / 10) + ticks;
};
// Before any function is imported: some keep `Date.now` as it is then.
Date.now = () => (clock.stoppedAt ?? runningNow()) + clock.ahead;

/** Moves the clock to the next hour, so that no hour ends during the test. */
export const startHour = () => clock.advance(3_600_000 - (Date.now() % 3_600_000));

/** An instant from now, as the API writes it. */
export const utcIn = (ms: number): string => new Date(Date.now() + ms).toISOString();
export const day = 86_400_000;
/** Returns an unused text. */
export const stamp = () => randomBytes(12).toString('hex');

const issuer = 'https://issuer.example';
const audience = 'leasehold-tests';
const signing = await generateKeyPair('ES256', { extractable: true });

/** The keys of offline licenses: the first signs, the other signed before. */
export const licenseKeys = ['present', 'former'].map((kid) => ({
  ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
  kid,
}));

/** A time from now as a token has it, in seconds. */
export const seconds = (ahead: number): number => Math.floor(Date.now() / 1000) + ahead;

/** A token of the issuer that the service trusts; `claims` may replace any. */
export const mint = (claims: Record<string, unknown>, key = signing.privateKey): Promise<string> =>
  new SignJWT({ iss: issuer, aud: audience, iat: seconds(0), exp: seconds(400 * 86_400), ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'tests' })
    .sign(key);

/** Points the functions, which read their environment when they first need it, to a database of their own. */
const useEnvironment = async (endpoint: string, tableName: string, accessKeyId: string) =>
  Object.assign(process.env, {
    TABLE_NAME: tableName,
    DYNAMODB_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'secret',
    OIDC_ISSUER: issuer,
    OIDC_AUDIENCE: audience,
    // Tests move the clock by a year.
    OIDC_MAX_TOKEN_SECONDS: String(500 * 86_400),
    OIDC_JWKS: JSON.stringify({
      keys: [{ ...(await exportJWK(signing.publicKey)), kid: 'tests', alg: 'ES256', use: 'sig' }],
    }),
    SIGNING_JWKS: JSON.stringify({ keys: licenseKeys }),
  });

/** Invokes a function as Lambda does, with the grant that it has on AWS. */
const invokeFunction = async <T>({ file, table }: Pick<FunctionSpec, 'file' | 'table'>, event: object): Promise<T> => {
  const { handler } = await import(`../../../functions/${file}.ts`);
  return withGrant({ file, table }, () => invoke<T>({ name: file, handler, timeLimitMs: 60_000 }, event));
};

/** Returns the authorizer's answer, which the gateway passes on unchanged. */
const authorize = async (bearer: string): Promise<{ principal: string }> => {
  const event = {
    headers: { authorization: `Bearer ${bearer}` },
    requestContext: { requestId: 'authorizer' },
  };
  const { context } = await invokeFunction<{ context: { principal: string } }>(authorizer, event);
  return context;
};

/** Returns the principal that the authorizer answers for a bearer. */
export const principalOf = async (bearer: string): Promise<Principal> =>
  JSON.parse((await authorize(bearer)).principal);

/** A request as API Gateway hands it to a function (payload format 2.0), before anything is checked. */
export const eventOf = (operation: Operation, call: Omit<Call, 'as'>, authorizer?: object) => {
  const { path = {}, query, headers, body } = call;
  const rawPath = operation.path.replace(/{(\w+)}/g, (_, name: string) => path[name] ?? '');
  return {
    version: '2.0',
    routeKey: `${operation.method} ${operation.path}`,
    rawPath,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(query && { queryStringParameters: query }),
    ...(operation.path.includes('{') && { pathParameters: path }),
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    isBase64Encoded: false,
    requestContext: {
      requestId: randomBytes(8).toString('hex'),
      http: { method: operation.method, path: rawPath },
      ...(authorizer && { authorizer: { lambda: authorizer } }),
    },
  };
};

/** Invokes an operation's function with an event and checks the answer against the contract. */
export const send = async (operation: Operation, event: ReturnType<typeof eventOf>): Promise<Answer> => {
  clock.tick();
  const result = await invokeFunction<{ statusCode: number; headers: Record<string, string>; body?: string }>(
    { file: functionFile(operation.name), table: operation.table },
    event,
  );
  const headers = Object.fromEntries(
    Object.entries(result.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const type = headers['content-type']?.split(';')[0];
  const body = type && isJson(type) ? JSON.parse(result.body ?? '') : result.body;
  const answer = { status: result.statusCode, headers, body };
  expect(headers['x-request-id']).toBe(event.requestContext.requestId);
  keepsContract(operation, answer);
  return answer;
};

const documented = openapi().paths as Record<string, Record<string, { responses: Record<string, Json> }>>;

const headingOf = (csv: string) => csv.split('\r\n', 1)[0];

/** Every answer is one that the OpenAPI document shows, with exactly the fields of its schema, or the heading of its example. */
const keepsContract = (operation: Operation, { status, headers, body }: Answer) => {
  const told = `${operation.name} answered ${status} ${JSON.stringify(body)}`;
  const response = documented[operation.path]?.[operation.method.toLowerCase()]?.responses[status];
  expect(response, `${told}: not documented`).toBeDefined();
  if (status < 400) {
    const type = headers['content-type']?.split(';')[0];
    const answer = operation.answers[status];
    const declared = [answer?.or, answer].find((content) => content?.body && mediaTypeOf(content) === type);
    expect(answer?.body && declared, told).toEqual(answer?.body && expect.anything());
    expect(body && declared?.body?.parse(body), told).toEqual(body);
    const example = declared?.body?.meta()?.example;
    if (type === 'text/csv' && typeof example === 'string') expect(headingOf(body), told).toBe(headingOf(example));
    const charset = ['application/json', 'text/csv'].includes(type ?? '') ? '; charset=utf-8' : '';
    expect(headers['content-type'], told).toBe(type && `${type}${charset}`);
    expect(Object.keys(headers), told).toEqual(
      expect.arrayContaining(
        Object.entries(declared?.headers?.shape ?? {}).flatMap(([name, value]) =>
          value.safeParse(undefined).success ? [] : [name.toLowerCase()],
        ),
      ),
    );
    return;
  }
  expect(headers['content-type'], told).toBe('application/problem+json');
  expect(Object.keys(problemKinds), told).toContain(body.code);
  const code: ProblemCode = body.code;
  expect(problemSchema(code).parse(body), told).toEqual(body);
  expect(problemKinds[code].status, told).toBe(status);
  expect(response.description, told).toContain(`\`${code}\``);
  expect(body.requestId).toBe(headers['x-request-id']);
  expect(headers['retry-after'], told).toBe(body.retryAfterSeconds?.toString());
};

/** Terms that are valid for a floating subscription. */
export const terms = (changes: object = {}) => ({
  licenseType: 'floating',
  quota: 3,
  expiresAt: utcIn(30 * day),
  leaseSeconds: 60,
  ...changes,
});

const scanAll = async ({ client, name }: Table) => {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: name, ConsistentRead: true }));
  return Items;
};

let database: Database | undefined;

/**
 * Returns a database with an empty table. The functions keep the table that they opened first: so the test files that run in one
 * process have one database, one after the other. Its secrets stay, as the functions cache them.
 */
const emptyDatabase = async (stream: boolean): Promise<Database> => {
  if (!database) {
    database = await createDatabase({ stream });
    return database;
  }
  const { endpoint, name, credentials } = database;
  const table = database.client();
  const secrets = (await scanAll(table)).filter(({ pk }) => pk.startsWith('SECRET#'));
  await table.client.send(new DeleteTableCommand({ TableName: name }));
  await createLocalTable(endpoint, name, { ...credentials, stream });
  for (const Item of secrets) await table.client.send(new PutCommand({ TableName: name, Item }));
  return database;
};

/**
 * A service with two organizations and a member in every role, on an empty database. Call it once, at the top of a test file: the
 * next call empties the database.
 *
 * @param options.stream whether the table has its stream, for tests that follow its changes
 */
export const openWorld = async ({ stream = false } = {}) => {
  setClock(realNow());
  afterEach(() => {
    setClock(realNow());
  });
  afterAll(() => {
    setClock(undefined);
  });
  const database = await emptyDatabase(stream);
  const table = database.client();
  await useEnvironment(database.endpoint, table.name, database.credentials.accessKeyId);

  const credentials: Partial<Record<string, string>> = {};
  const contexts = new Map<string, { principal: string }>();
  const contextOf = async (as: As): Promise<{ principal: string } | undefined> => {
    if (as === 'nobody') return undefined;
    if (typeof as === 'object') return authorize(as.bearer);
    const context = contexts.get(as) ?? (await authorize(credentials[as] as string));
    contexts.set(as, context);
    return context;
  };

  let organizationId = '';
  let product = 'KRE';
  /** Calls an operation with the authorizer's context. */
  const callWith = (
    context: { principal: string } | undefined,
    operation: Operation,
    { path, ...rest }: Omit<Call, 'as'>,
  ) => {
    const defaults = {
      ...(operation.path.includes('{organizationId}') && { organizationId }),
      ...(operation.path.includes('{product}') && { product }),
    };
    return send(operation, eventOf(operation, { ...rest, path: { ...defaults, ...path } }, context));
  };
  /** Calls an operation. Organization and product default to the world's own and the last that was made. */
  const call = async (operation: Operation, { as, ...rest }: Call): Promise<Answer> =>
    callWith(await contextOf(as), operation, rest);
  const got = async (expected: number, operation: Operation, options: Call): Promise<Json> => {
    const { status, body } = await call(operation, options);
    expect(status, JSON.stringify(body)).toBe(expected);
    return body;
  };

  const signIn = async (as: string, email: string, claims: object = {}) => {
    credentials[as] = await mint({ sub: `sub-of-${as}`, email, email_verified: true, ...claims });
  };
  await signIn('vendor', 'vendor@vendor.example', { 'cognito:groups': ['vendor'] });
  const createdBy = (ownerEmail: string) =>
    got(201, createOrganization, { as: 'vendor', body: { name: 'Acme', ownerEmail } }).then(({ id }): string => id);
  const foreignId = await createdBy('stranger@other.example');
  await signIn('stranger', 'stranger@other.example');
  organizationId = await createdBy('owner@acme.example');
  await signIn('owner', 'owner@acme.example');
  for (const [as, role] of Object.entries({
    admin: 'admin',
    billingManager: 'billing-manager',
    user: 'user',
    otherUser: 'user',
  } satisfies Record<string, Role>)) {
    const email = `${as.toLowerCase()}@acme.example`;
    await addMember(table, { organizationId, email, role, now: Date.now() });
    await signIn(as, email);
  }
  for (const [as, scope] of Object.entries({ apiKey: 'activate', fullKey: 'full' }))
    credentials[as] = (await got(201, createApiKey, { as: 'user', body: { name: as, scope } })).key;

  let products = 0;
  /** Makes a subscription in the world's organization, the default of the next calls. */
  const subscribe = async (changes: object = {}) => {
    product = `P-${++products}`;
    const path = { organizationId, product };
    const set = (now: object) =>
      call(setSubscription, { as: 'vendor', path, body: terms({ ...changes, ...now }) }).then(({ body }) => body);
    await set({});
    return { path, set };
  };

  return {
    organizationId,
    foreignId,
    call,
    callWith,
    /** Calls an operation, fails unless the status is the expected one, and returns the body. */
    got,
    subscribe,
    /** Activates a session on the last subscription, on machine `m`, and expects a new one. */
    activated: (sessionId: string, as: As = 'user', machineId = 'm'): Promise<Json> =>
      got(201, activate, { as, body: { sessionId, machineId } }),
    /** Returns the authorizer's context for a function. */
    contextOf,
    credential: (as: string) => credentials[as] as string,
    userId: async (as: As): Promise<string> => JSON.parse((await contextOf(as))?.principal ?? '{}').userId,
    addMember: async (email: string, role: Role, into = organizationId) => {
      await addMember(table, { organizationId: into, email, role, now: Date.now() });
      return mint({ sub: `sub-of-${email}`, email, email_verified: true });
    },
    table,
    /** Returns all stored items, in a stable order. */
    stored: async (): Promise<string[]> =>
      (await scanAll(table)).map((item) => JSON.stringify(item, Object.keys(item).sort())).sort(),
  };
};
