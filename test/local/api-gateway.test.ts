import { createServer, request, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { handler as notFound } from '../../functions/not-found.ts';
import { createGateway } from '../../infra/local/gateway/api-gateway.ts';
import { createAuthorizerCache } from '../../infra/local/gateway/authorizer-cache.ts';
import type { ProxyEvent } from '../../infra/local/gateway/proxy-event.ts';
import type { LambdaFunction } from '../../infra/local/lambda/invoke-lambda.ts';
import { listen } from '../../infra/local/server/http-server.ts';

let server: Server;
let port: number;
/** The events of the functions, and their answers. */
let calls: { file: string; event: ProxyEvent }[] = [];
let answers: Record<string, (event: ProxyEvent) => unknown> = {};

beforeAll(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const functions = (file: string): LambdaFunction => ({
    name: file,
    // Only `health` overruns its limit.
    timeLimitMs: file === 'health' ? 200 : 60_000,
    handler: async (event: ProxyEvent) => {
      calls.push({ file, event });
      return answers[file] ? answers[file](event) : { statusCode: 204 };
    },
  });
  server = createServer(createGateway(functions));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());
beforeEach(() => {
  calls = [];
  answers = { authorizer: () => ({ isAuthorized: true, context: { principal: 'someone' } }) };
});

interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: Buffer;
}

/** Does not use `fetch`, which normalizes paths and headers. */
const call = (
  method: string,
  path: string,
  options: { headers?: Record<string, string | string[]>; body?: string | Buffer } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method, path, headers: options.headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) });
    });
    sent.on('error', reject);
    sent.end(options.body);
  });

const eventOf = (file: string) => calls.find((call) => call.file === file)!.event;

/** Checks an answer of the gateway itself: a problem, with the headers of every function's answer. */
const isItsOwn = async ({ headers, body }: Pick<Answer, 'headers' | 'body'>, status: number) => {
  const byFunction = await notFound(
    { requestContext: { requestId: 'r', http: { method: 'GET', path: '/' } } } as never,
    {} as never,
  );
  const secure = Object.entries(byFunction.headers ?? {}).filter(
    ([name]) => !/^(x-request-id|content-type)$/i.test(name),
  );
  expect(secure.length).toBeGreaterThan(5);
  expect(headers).toMatchObject(Object.fromEntries(secure.map(([name, value]) => [name.toLowerCase(), String(value)])));
  expect(headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(String(body))).toEqual({
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail: expect.any(String),
    requestId: headers['x-request-id'],
  });
};

describe('the event', () => {
  it('has the fields of payload format 2.0', async () => {
    await call('GET', '/v1/health', { headers: { 'User-Agent': 'test/1', Host: `localhost:${port}` } });
    expect(eventOf('health')).toEqual({
      version: '2.0',
      routeKey: 'GET /v1/health',
      rawPath: '/v1/health',
      rawQueryString: '',
      headers: {
        connection: 'keep-alive',
        host: `localhost:${port}`,
        'user-agent': 'test/1',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': String(port),
        'x-forwarded-proto': 'http',
      },
      isBase64Encoded: false,
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        domainName: 'localhost',
        domainPrefix: 'localhost',
        http: { method: 'GET', path: '/v1/health', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test/1' },
        requestId: expect.stringMatching(/^[\w-]{16}$/),
        routeKey: 'GET /v1/health',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
    });
  });

  it('decodes path parameters and the raw path', async () => {
    await call('GET', '/v1/organizations/a%2Fb%20%C3%A9/subscriptions/KRE');
    const event = eventOf('get-subscription');
    expect(event.pathParameters).toEqual({ organizationId: 'a/b é', product: 'KRE' });
    expect(event.rawPath).toBe('/v1/organizations/a/b é/subscriptions/KRE');
  });

  it('joins repeated values, and keeps the raw query string', async () => {
    await call('GET', '/v1/health?a=1&b=x%20y&a=2&c', { headers: { 'X-Many': ['one', 'two'] } });
    const event = eventOf('health');
    expect(event.rawQueryString).toBe('a=1&b=x%20y&a=2&c');
    expect(event.queryStringParameters).toEqual({ a: '1,2', b: 'x y', c: '' });
    expect(event.headers['x-many']).toBe('one,two');
  });

  it('has cookies apart from the headers', async () => {
    await call('GET', '/v1/health', { headers: { Cookie: 'a=1; b=2' } });
    expect(eventOf('health').cookies).toEqual(['a=1', 'b=2']);
    expect(eventOf('health').headers).not.toHaveProperty('cookie');
  });

  it.each(['application/json', 'application/merge-patch+json; charset=utf-8', 'text/plain'])(
    'has a body of type %s as text',
    async (type) => {
      await call('POST', '/v1/organizations', { headers: { 'Content-Type': type }, body: '{"name":"é"}' });
      expect(eventOf('create-organization')).toMatchObject({ body: '{"name":"é"}', isBase64Encoded: false });
    },
  );

  it.each(['application/octet-stream', 'application/x-www-form-urlencoded', undefined])(
    'has a body of type %s as base64',
    async (type) => {
      const body = Buffer.from([0, 255, 128]);
      await call('POST', '/v1/organizations', { headers: type ? { 'Content-Type': type } : {}, body });
      expect(eventOf('create-organization')).toMatchObject({ body: body.toString('base64'), isBase64Encoded: true });
    },
  );
});

describe('routes', () => {
  it.each([
    ['GET', '/v1/nothing/here'],
    ['GET', '/v1/health/'],
    ['PATCH', '/v1/health'],
    ['GET', '/v1/organizations//subscriptions'],
  ])('sends %s %s to $default', async (method, path) => {
    await call(method, path);
    expect(calls).toMatchObject([{ file: 'not-found', event: { routeKey: '$default' } }]);
    expect(eventOf('not-found')).not.toHaveProperty('pathParameters');
  });

  it.each(['.', '..', '%2e', '%2E%2e', '.%2e'])(
    'take the ID %s as it stands, where a client sends it so',
    async (sent) => {
      const id = decodeURIComponent(sent);
      const product = '/v1/organizations/o/subscriptions/KRE';
      await call('DELETE', `${product}/machines/${sent}`);
      await call('DELETE', `${product}/machines/${sent}/license`);
      await call('DELETE', `${product}/activations/${sent}`);
      expect(calls.map(({ file, event }) => [file, event.pathParameters])).toEqual([
        ['remove-machine', { organizationId: 'o', product: 'KRE', machineId: id }],
        ['remove-machine-license', { organizationId: 'o', product: 'KRE', machineId: id }],
        ['deactivate', { organizationId: 'o', product: 'KRE', sessionId: id }],
      ]);
    },
  );

  it('sends the documentation to its function', async () => {
    await call('GET', '/docs');
    await call('GET', '/docs/swagger-ui.css');
    expect(calls).toMatchObject([
      { file: 'docs', event: { routeKey: 'GET /docs' } },
      { file: 'docs', event: { routeKey: 'GET /docs/{asset}', pathParameters: { asset: 'swagger-ui.css' } } },
    ]);
  });
});

describe('the authorizer', () => {
  const path = '/v1/organizations/org_1';

  it('is asked before an operation that is not public, and its context reaches the function', async () => {
    await call('GET', path, { headers: { Authorization: 'Bearer first' } });
    expect(calls[0]).toMatchObject({
      file: 'authorizer',
      event: { version: '2.0', type: 'REQUEST', identitySource: ['Bearer first'], routeKey: expect.any(String) },
    });
    expect(eventOf('get-organization').requestContext.authorizer).toEqual({ lambda: { principal: 'someone' } });
  });

  it('is asked once for a credential', async () => {
    for (let i = 0; i < 3; i++) await call('GET', path, { headers: { Authorization: 'Bearer second' } });
    expect(calls.filter(({ file }) => file === 'authorizer')).toHaveLength(1);
  });

  it('is asked again when its answer is 30 s old, or 5 minutes for heartbeats', async () => {
    let now = 0;
    let asked = 0;
    const handler = async () => ({ isAuthorized: true, context: { asked: ++asked } });
    const authorize = createAuthorizerCache({ name: 'authorizer', timeLimitMs: 1000, handler }, () => now);
    const event = { requestContext: { http: { method: 'GET' } } } as ProxyEvent;
    expect((await authorize(event, 'Bearer x', 30)).context).toEqual({ asked: 1 });
    expect((await authorize(event, 'Bearer x', 300)).context).toEqual({ asked: 2 });
    now = 29_999;
    expect((await authorize(event, 'Bearer x', 30)).context).toEqual({ asked: 1 });
    now = 30_000;
    expect((await authorize(event, 'Bearer x', 30)).context).toEqual({ asked: 3 });
    expect((await authorize(event, 'Bearer x', 300)).context).toEqual({ asked: 2 });
    now = 300_000;
    expect((await authorize(event, 'Bearer x', 300)).context).toEqual({ asked: 4 });
  });

  it('is not asked without a credential, or for a public operation', async () => {
    await call('GET', path);
    await call('GET', '/v1/health', { headers: { Authorization: 'Bearer third' } });
    expect(calls.map(({ file }) => file)).toEqual(['get-organization', 'health']);
    expect(eventOf('get-organization').requestContext).not.toHaveProperty('authorizer');
  });

  it('keeps a request away from the function by isAuthorized: false', async () => {
    answers.authorizer = () => ({ isAuthorized: false });
    expect((await call('GET', path, { headers: { Authorization: 'Bearer fourth' } })).status).toBe(403);
    expect(calls.map(({ file }) => file)).toEqual(['authorizer']);
  });
});

describe('the answer', () => {
  it('is the function’s, with cookies and base64', async () => {
    answers.health = () => ({
      statusCode: 203,
      headers: { 'X-One': 'two', 'Content-Type': 'image/png' },
      cookies: ['a=1', 'b=2'],
      body: Buffer.from([0, 255]).toString('base64'),
      isBase64Encoded: true,
    });
    const { status, headers, body } = await call('GET', '/v1/health');
    expect(status).toBe(203);
    expect(headers).toMatchObject({ 'x-one': 'two', 'content-type': 'image/png', 'set-cookie': ['a=1', 'b=2'] });
    expect([...body]).toEqual([0, 255]);
  });

  it('is a 200 in JSON if the function gives no status', async () => {
    answers.health = () => ({ plain: true });
    const { status, headers, body } = await call('GET', '/v1/health');
    expect({ status, type: headers['content-type'], body: String(body) }).toEqual({
      status: 200,
      type: 'application/json',
      body: '{"plain":true}',
    });
  });

  it.each([
    [500, 'Internal Server Error', () => Promise.reject(new Error('inside'))],
    [500, 'Internal Server Error', () => ({ statusCode: 200, headers: { 'not a name': 'x' } })],
    [503, 'Service Unavailable', () => new Promise(() => {})],
  ])('is %i, "%s", when the function fails or overruns its time limit', async (status, message, fails) => {
    answers.health = fails;
    const answer = await call('GET', '/v1/health');
    expect(answer.status).toBe(status);
    expect(JSON.parse(String(answer.body)).title).toBe(message);
    await isItsOwn(answer, status);
  });

  it('is 400 to a path that is not valid percent-encoding', async () => {
    const answer = await call('GET', '/v1/organizations/%zz');
    expect(answer.status).toBe(400);
    await isItsOwn(answer, 400);
    expect(calls).toEqual([]);
  });

  it('is 413 to a body above 10 MB', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await call('POST', '/v1/organizations', { headers, body: Buffer.alloc(10_000_001, 'a') });
    expect(answer.status).toBe(413);
    await isItsOwn(answer, 413);
    expect(calls).toEqual([]);
  });
});

it('lets 16 invocations run at once, and the others wait', async () => {
  let running = 0;
  let most = 0;
  const full = Promise.withResolvers<void>();
  answers.jwks = async () => {
    most = Math.max(most, ++running);
    // All stay until the sixteenth has come, however slow the machine is, and a little longer for one too many.
    if (running === 16) setTimeout(full.resolve, 20);
    await full.promise;
    running--;
    return { statusCode: 204 };
  };
  const all = await Promise.all(Array.from({ length: 50 }, () => call('GET', '/.well-known/jwks.json')));
  expect(all.every(({ status }) => status === 204)).toBe(true);
  expect(most).toBe(16);
});

it('before the stack is ready the answer is a 503 problem that says when to come again', async () => {
  const starting = await listen('127.0.0.1', 0);
  onTestFinished(() => starting.close());
  const response = await fetch(starting.baseUrl);
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('1');
  await isItsOwn({ headers: Object.fromEntries(response.headers), body: Buffer.from(await response.text()) }, 503);
});
