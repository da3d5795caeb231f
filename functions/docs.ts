import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { notFound } from '../shared/http/problems/problem.ts';
import { type HttpEvent, problemResult } from '../shared/http/problems/problem-result.ts';
import { securityHeaders } from '../shared/http/security-headers.ts';

/** The files of swagger-ui-dist that this function serves, by name. They lie beside its bundle. */
const assets: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Leasehold API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const start = `SwaggerUIBundle({ url: '/v1/openapi.json', dom_id: '#swagger-ui', deepLinking: true, tryItOutEnabled: true });
`;

/** Allows the style attributes and inline images of Swagger UI; everything else comes from this origin. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const directory = () => process.env.SWAGGER_UI_DIR ?? join(import.meta.dirname, 'swagger-ui');

/** `GET /docs` and `GET /docs/{asset}`: the API's documentation. */
export const handler = middy<HttpEvent, APIGatewayProxyStructuredResultV2>()
  .use(securityHeaders(false))
  .handler(async (event) => {
    const asset = event.pathParameters?.asset;
    if (asset === undefined) return file(event, 'text/html; charset=utf-8', Buffer.from(page));
    if (asset === 'start.js') return file(event, 'text/javascript; charset=utf-8', Buffer.from(start));
    const type = Object.hasOwn(assets, asset) ? assets[asset] : undefined;
    if (!type) {
      const refusal = problemResult(notFound(), event.requestContext.requestId);
      return { ...refusal, headers: { ...refusal.headers, 'Content-Security-Policy': contentSecurityPolicy } };
    }
    return file(event, type, await readFile(join(directory(), asset)));
  });

const file = (event: HttpEvent, type: string, content: Buffer): APIGatewayProxyStructuredResultV2 => {
  const text = type.startsWith('text/');
  return {
    statusCode: 200,
    headers: {
      'Content-Type': type,
      'X-Request-Id': event.requestContext.requestId,
      'Cache-Control': 'public, max-age=3600',
      'Content-Security-Policy': contentSecurityPolicy,
    },
    body: content.toString(text ? 'utf8' : 'base64'),
    isBase64Encoded: !text,
  };
};
