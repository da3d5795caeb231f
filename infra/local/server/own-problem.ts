import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { securityHeaders } from '../../../shared/http/security-headers.ts';

const secured = middy<APIGatewayProxyStructuredResultV2, APIGatewayProxyStructuredResultV2>()
  .use(securityHeaders())
  .handler(async (answer) => answer);

/**
 * Builds an answer of the local stack itself: a problem without a `code` (RFC 9457),
 * with the security headers of every function's answer.
 *
 * @param detail for a person: the mistake and its remedy
 */
export const ownProblem = (
  status: number,
  detail: string,
  headers: Record<string, string> = {},
): Promise<APIGatewayProxyStructuredResultV2> => {
  const requestId = randomUUID();
  return secured(
    {
      statusCode: status,
      headers: {
        'Content-Type': 'application/problem+json',
        'Cache-Control': 'no-store',
        'X-Request-Id': requestId,
        ...headers,
      },
      body: JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail, requestId }),
    },
    {} as Context,
  );
};
