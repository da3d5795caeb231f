import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveConsole } from '../../infra/local/server/console-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'leasehold-page-'));
const config = {
  issuer: 'https://id.example.com',
  clientId: 'console',
  scopes: ['openid'],
  groupsClaim: 'groups',
  vendorGroup: 'vendor',
};
let port = 0;
const server = createServer((...call) => {
  serveConsole(directory, config, (_, response) => response.writeHead(404).end('the gateway'))(...call);
});

beforeAll(async () => {
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'index.html'), 'the page');
  writeFileSync(join(directory, 'assets', 'index-abc.js'), 'the code');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

/** `fetch` tidies paths before it sends them. */
const get = (path: string, { method = 'GET', headers = {} }: { method?: string; headers?: object } = {}) =>
  new Promise<{ status: number; headers: Record<string, any>; body: string }>((resolve, reject) => {
    const sent = request({ port, path, method, headers: { ...headers } }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode!, headers: response.headers, body });
    });
    sent.on('error', reject).end();
  });
const navigating = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

describe('the page', () => {
  it.each(['/', '/?code=1&state=2', '/organizations', '/organizations/org_1/products/KRE'])(
    'is at %s',
    async (path) => {
      const { status, headers, body } = await get(path, navigating);
      expect([status, body]).toEqual([200, 'the page']);
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    },
  );
  it('has a policy that allows nothing inline, nothing from elsewhere, and no frame around it', async () => {
    const policy = (await get('/')).headers['content-security-policy'].split('; ');
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]),
    );
    expect(policy.join()).not.toMatch(/unsafe|\*|http/);
  });
  it.each(['/v1/organizations', '/v1', '/docs', '/docs/nothing', '/.well-known/jwks.json'])(
    'leaves %s to the API',
    async (path) => {
      expect((await get(path, navigating)).body).toBe('the gateway');
    },
  );
  it('answers navigation alone; other requests go to the API', async () => {
    expect((await get('/organizations/org_1')).body).toBe('the gateway');
    expect((await get('/organizations/org_1', { ...navigating, method: 'POST' })).body).toBe('the gateway');
  });
});

describe('its files', () => {
  it('are cached for ever, as their names contain a hash of their content', async () => {
    const { status, headers, body } = await get('/assets/index-abc.js');
    expect([status, body]).toEqual([200, 'the code']);
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });
  it('are sent once: a browser that has the file gets a 304', async () => {
    const { etag } = (await get('/')).headers;
    const again = await get('/', { headers: { 'if-none-match': etag } });
    expect([again.status, again.body]).toEqual([304, '']);
  });
  it('can be requested without their content', async () => {
    const { headers, body } = await get('/assets/index-abc.js', { method: 'HEAD' });
    expect([headers['content-length'], body]).toEqual(['8', '']);
  });
  it('are those of the build, and none beside it', async () => {
    for (const path of [
      '/assets/gone.js',
      '/../package.json',
      '/assets/..%2f..%2fpackage.json',
      '//assets/index-abc.js',
    ])
      expect((await get(path)).body, path).toBe('the gateway');
  });
  it('name the issuer to sign in with', async () => {
    expect(JSON.parse((await get('/config.json')).body)).toEqual(config);
  });
});
