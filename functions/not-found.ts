import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { Problem } from '../shared/http/problems/problem.ts';
import { type HttpEvent, problemResult } from '../shared/http/problems/problem-result.ts';
import { securityHeaders } from '../shared/http/security-headers.ts';

/** The gateway's default route, for every path without an operation. */
export const handler = middy<HttpEvent, APIGatewayProxyStructuredResultV2>()
  .use(securityHeaders())
  .handler(async ({ requestContext: { http, requestId } }) =>
    problemResult(
      new Problem('not-found', `There is no operation ${http.method} ${http.path.slice(0, 200)}. See /docs.`),
      requestId,
    ),
  );
