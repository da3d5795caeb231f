import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import pLimit from 'p-limit';
import { operations } from '../../../shared/contracts/operations.ts';
import { MAX_CONCURRENCY } from '../lambda/concurrency.ts';
import { invoke, TimeLimitExceeded } from '../lambda/invoke-lambda.ts';
import type { FunctionLookup } from '../lambda/load-functions.ts';
import { ownProblem } from '../server/own-problem.ts';
import { createAuthorizerCache } from './authorizer-cache.ts';
import { proxyEvent, splitUrl } from './proxy-event.ts';
import { createRouter } from './router.ts';

/** API Gateway's limit of a body. */
const MAX_BODY_BYTES = 10_000_000;

/**
 * The stand-in for API Gateway's HTTP API: routes from the contracts, the Lambda authorizer, payload format 2.0. Where API
 * Gateway itself answers plain JSON, this one answers a problem.
 */
export const createGateway = (functions: FunctionLookup): RequestListener => {
  const route = createRouter(operations);
  const authorize = createAuthorizerCache(functions('authorizer'));

  const limited = pLimit(MAX_CONCURRENCY);

  const answer = async (request: IncomingMessage): Promise<APIGatewayProxyStructuredResultV2> => {
    const body = await readBody(request);
    if (!body) return ownProblem(413, `Send at most ${MAX_BODY_BYTES} bytes.`);
    const match = route(request.method ?? 'GET', splitUrl(request.url)[0]);
    const event = proxyEvent(request, body, match);
    const credential = request.headers.authorization;
    // Without a credential API Gateway answers 401 on its own; here the function does, so that the body is the API's.
    return limited(async () => {
      const { remembered } = match.route;
      if (remembered !== undefined && credential) {
        const { isAuthorized, context } = await authorize(event, credential, remembered);
        if (!isAuthorized) return ownProblem(403, 'The authorizer does not let this credential in.');
        event.requestContext.authorizer = { lambda: context };
      }
      return structured(await invoke(functions(match.route.file), event));
    });
  };

  return async (request, response) => {
    const result = await answer(request).catch(failure);
    if (response.destroyed) return;
    try {
      write(response, result);
    } catch (error) {
      write(response, await failure(error));
    }
  };
};

const failure = (error: unknown): Promise<APIGatewayProxyStructuredResultV2> => {
  if (error instanceof URIError) return ownProblem(400, 'The path is not valid percent-encoding.');
  console.error(error);
  return error instanceof TimeLimitExceeded
    ? ownProblem(503, 'The function took longer than its time limit. Send the request again.')
    : ownProblem(500, 'The function failed: the log of the local stack says why.');
};

/** Reads the body; undefined if it is too large. Reads it to its end anyway, as clients see the answer only then. */
const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined;
};

/** Returns the answer of a function; one without a `statusCode` is the JSON body of a 200. */
const structured = (answer: unknown): APIGatewayProxyStructuredResultV2 =>
  typeof answer === 'object' && answer !== null && 'statusCode' in answer
    ? (answer as APIGatewayProxyStructuredResultV2)
    : { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };

const write = (response: ServerResponse, result: APIGatewayProxyStructuredResultV2) => {
  const { statusCode = 200, headers = {}, cookies = [], body = '', isBase64Encoded } = result;
  response.statusCode = statusCode;
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) response.setHeader(name, String(value));
  }
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  if (body && !response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
};
