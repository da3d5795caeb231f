import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { problemSchema } from '../../contracts/problems.ts';
import type { Problem } from './problem.ts';

/** The event of API Gateway's HTTP API (payload format 2.0), with the authorizer's context. */
export type HttpEvent = APIGatewayProxyEventV2 & {
  requestContext: { authorizer?: { lambda?: { principal?: string } | null } };
};

/** Returns a problem as an answer (RFC 9457). */
export const problemResult = (problem: Problem, requestId: string): APIGatewayProxyStructuredResultV2 => {
  const { retryAfterSeconds } = problem.fields as { retryAfterSeconds?: number };
  return {
    statusCode: problem.status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': requestId,
      ...(problem.status === 401 && { 'WWW-Authenticate': 'Bearer' }),
      ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    },
    body: JSON.stringify(problemSchema(problem.code).parse(problem.body(requestId))),
  };
};
