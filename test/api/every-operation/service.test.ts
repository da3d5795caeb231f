import { describe, expect, it } from 'vitest';
import { health } from '../../../shared/contracts/health.ts';
import { jwks } from '../../../shared/contracts/jwks.ts';
import { listMembers } from '../../../shared/contracts/list-members.ts';
import { openapiDocument } from '../../../shared/contracts/openapi-document.ts';
import { problemSchema } from '../../../shared/contracts/problems.ts';
import { type Json, openWorld, eventOf as requestOf, send } from '../support/harness.ts';

const { got, stored } = await openWorld();

describe('health', () => {
  it('200 to anyone, and writes nothing', async () => {
    const before = await stored();
    for (const as of ['nobody', 'user', 'vendor'] as const)
      expect(await got(200, health, { as })).toEqual({ status: 'ok' });
    expect(await stored()).toEqual(before);
  });
  it('400 for unknown input', async () => {
    expect(await got(400, health, { as: 'nobody', query: { deep: '1' } })).toMatchObject({
      errors: [{ pointer: '/query/deep' }],
    });
  });
});

/** Invokes a function that is no operation. */
const invoke = async (file: string, event: object): Promise<Json> =>
  (await import(`../../../functions/${file}.ts`)).handler(event, {});
const eventOf = (method: string, path: string, pathParameters?: object) => ({
  rawPath: path,
  headers: {},
  ...(pathParameters && { pathParameters }),
  requestContext: { requestId: 'request-1', http: { method, path } },
});

describe('a path without an operation', () => {
  it.each([
    ['GET', '/'],
    ['DELETE', '/v1/health'],
    ['GET', `/${'x'.repeat(9000)}`],
    ['GET', '/<script>alert(1)</script>'],
  ])('%s %s: a 404 that is a problem', async (method, path) => {
    const { statusCode, headers, body } = await invoke('not-found', eventOf(method, path));
    const problem = JSON.parse(body);
    expect(statusCode).toBe(404);
    expect(problemSchema('not-found').parse(problem)).toEqual(problem);
    expect(headers).toMatchObject({ 'Content-Type': 'application/problem+json', 'X-Request-Id': 'request-1' });
    expect(body.length).toBeLessThan(1000);
  });
});

describe('the documentation page', () => {
  it('200 as UTF-8 under a strict content security policy, loading nothing from elsewhere', async () => {
    const { statusCode, headers, body } = await invoke('docs', eventOf('GET', '/docs'));
    expect(statusCode).toBe(200);
    expect(headers['Content-Type']).toBe('text/html; charset=utf-8');
    expect(headers['Content-Security-Policy']).toMatch(/^default-src 'none'/);
    expect(headers['Content-Security-Policy']).not.toMatch(/https?:|script-src [^;]*unsafe/);
    for (const [, source] of body.matchAll(/(?:src|href)="([^"]*)"/g)) expect(source).toMatch(/^\/docs\//);
    expect(body).not.toMatch(/<script>/);
  });
  it('404 for other files', async () => {
    for (const asset of [
      '',
      'index.html',
      '../package.json',
      '%2e%2e/x',
      '__proto__',
      'constructor',
      'swagger-ui.css/',
    ]) {
      const { statusCode, body } = await invoke('docs', eventOf('GET', `/docs/${asset}`, { asset }));
      expect({ asset, statusCode, code: JSON.parse(body).code }).toEqual({ asset, statusCode: 404, code: 'not-found' });
    }
  });
});

describe('the security headers', () => {
  const expected = {
    'strict-transport-security': expect.stringMatching(/^max-age=\d{7,}/),
    'content-security-policy': expect.stringMatching(/^default-src 'none';.*frame-ancestors 'none'/),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };
  const lower = (headers: Json) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

  it.each([
    ['an answer', health, {}],
    ['the keys', jwks, {}],
    ['the OpenAPI document', openapiDocument, {}],
    ['a 400', health, { query: { odd: '1' } }],
    ['a 401', listMembers, { path: { organizationId: 'org_a' } }],
  ] as const)('%s has them', async (_, operation, request) => {
    expect((await send(operation, requestOf(operation, request))).headers).toMatchObject(expected);
  });
  it.each([
    ['HEAD', '/v1/health'],
    ['OPTIONS', '/v1/organizations'],
    ['GET', '/no-such'],
  ])('%s %s, which no operation answers, has them', async (method, path) => {
    expect(lower((await invoke('not-found', eventOf(method, path))).headers)).toMatchObject(expected);
  });
  it.each([undefined, 'start.js', 'swagger-ui.css', 'no-such'])('the documentation has them: %s', async (asset) => {
    process.env.SWAGGER_UI_DIR = 'node_modules/swagger-ui-dist';
    const event = eventOf('GET', '/docs', asset === undefined ? undefined : { asset });
    expect(lower((await invoke('docs', event)).headers)).toMatchObject(expected);
  });
});
