import { describe, expect, it } from 'vitest';
import { health } from '../../shared/contracts/health.ts';
import { problemSchema } from '../../shared/contracts/problems.ts';
import { type Json, openWorld } from './harness.ts';

const { got, stored } = await openWorld();

describe('health', () => {
  it('200 to anyone, and writes nothing', async () => {
    const before = await stored();
    for (const as of ['nobody', 'user', 'vendor'] as const)
      expect(await got(200, health, { as })).toEqual({ status: 'ok' });
    expect(await stored()).toEqual(before);
  });
  it('400 for what it does not know', async () => {
    expect(await got(400, health, { as: 'nobody', query: { deep: '1' } })).toMatchObject({
      errors: [{ pointer: '/query/deep' }],
    });
  });
});

/** Invokes a function that is no operation. */
const invoke = async (file: string, event: object): Promise<Json> =>
  (await import(`../../functions/${file}.ts`)).handler(event);
const eventOf = (method: string, path: string, pathParameters?: object) => ({
  rawPath: path,
  headers: {},
  ...(pathParameters && { pathParameters }),
  requestContext: { requestId: 'request-1', http: { method, path } },
});

describe('what no operation answers', () => {
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
  it('404 for what is not one of its files', async () => {
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
