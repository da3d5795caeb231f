import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import type { ConsoleConfig } from '../../../console/config.ts';
import { cacheControlOf, contentSecurityPolicy } from '../../console-headers.ts';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
};

interface File {
  content: Buffer;
  type: string;
  etag: string;
  cacheControl: string;
}

const headers = {
  'content-security-policy': contentSecurityPolicy([]),
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * Serves the License Management page as CloudFront does: its files, and the page itself for every address of its own.
 * All other requests go to the API's gateway.
 *
 * @param directory the build; read once, so that a later build does not change the running page
 */
export const serveConsole = (directory: string, config: ConsoleConfig, gateway: RequestListener): RequestListener => {
  const files = new Map([...filesIn(directory), ['config.json', fileOf('config.json', JSON.stringify(config))]]);

  return (request, response) => {
    const file = fileFor(files, request);
    if (file) answer(request, response, file);
    else gateway(request, response);
  };
};

const filesIn = (directory: string): [string, File][] =>
  globSync('**/*', { cwd: directory, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(directory.length + 1).replaceAll('\\', '/');
      return [name, fileOf(name, readFileSync(path))];
    });

const fileOf = (name: string, content: Buffer | string): File => ({
  content: Buffer.from(content),
  type: types[extname(name)] ?? 'application/octet-stream',
  etag: `"${createHash('sha256').update(content).digest('base64url')}"`,
  cacheControl: cacheControlOf(name),
});

/** Returns the file of a request. A browser that navigates (accepts HTML) to an address without a file gets the page. */
const fileFor = (files: ReadonlyMap<string, File>, { method, url = '/', headers }: IncomingMessage) => {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const [path = '/'] = url.split('?');
  if (/^\/(v1|docs|\.well-known)(\/|$)/.test(path)) return undefined;
  const navigates = path === '/' || headers.accept?.includes('text/html');
  return files.get(path.slice(1)) ?? (navigates ? files.get('index.html') : undefined);
};

const answer = ({ method, headers: requestHeaders }: IncomingMessage, response: ServerResponse, file: File) => {
  response.setHeaders(new Map(Object.entries(headers)));
  response.setHeader('etag', file.etag);
  response.setHeader('cache-control', file.cacheControl);
  if (requestHeaders['if-none-match'] === file.etag) return response.writeHead(304).end();
  response.writeHead(200, { 'content-type': file.type, 'content-length': file.content.length });
  return response.end(method === 'HEAD' ? undefined : file.content);
};
