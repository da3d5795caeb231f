import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { Problem } from '../shared/http/problems/problem.ts';
import { type HttpEvent, problemResult } from '../shared/http/problems/problem-result.ts';

/** The gateway's default route: whatever no operation answers. */
export const handler = async (event: HttpEvent): Promise<APIGatewayProxyStructuredResultV2> => {
  const { method, path } = event.requestContext.http;
  return problemResult(
    new Problem('not-found', `There is no operation ${method} ${path.slice(0, 200)}. See /docs.`),
    event.requestContext.requestId,
  );
};
