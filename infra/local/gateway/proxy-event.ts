import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2WithLambdaAuthorizer, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import type { Match } from './router.ts';

export type AuthorizerContext = Record<string, unknown>;
export type ProxyEvent = APIGatewayProxyEventV2WithLambdaAuthorizer<AuthorizerContext>;

/** Bodies of these types reach a function as text, all others as base64. */
const TEXT = /^(text\/|application\/(json|xml|javascript)\b|application\/[^;]+\+(json|xml)\b)/i;

/**
 * A request as API Gateway's HTTP API describes it to a function, payload format 2.0.
 *
 * Easily overlooked: header names are in lower case; repeated values are joined by commas without a space; cookies are apart from
 * the headers; the raw path is decoded, the raw query string is not; empty parts are absent.
 */
export const proxyEvent = (
  request: IncomingMessage,
  body: Buffer,
  match: Match,
  authorizer?: AuthorizerContext,
): ProxyEvent => {
  const [encodedPath, rawQueryString] = splitUrl(request.url);
  const { cookie: cookies, ...headers } = request.headersDistinct;
  const domainName = (request.headers.host ?? 'localhost').replace(/:\d+$/, '');
  const sourceIp = (request.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
  const path = decodeURIComponent(encodedPath);
  const now = new Date();
  const isBase64Encoded = body.length > 0 && !TEXT.test(request.headers['content-type'] ?? '');

  return {
    version: '2.0',
    routeKey: match.route.key,
    rawPath: path,
    rawQueryString,
    ...(cookies && { cookies: cookies.flatMap((line) => line.split('; ')) }),
    headers: {
      ...joined(Object.entries(headers) as [string, string[]][]),
      'x-forwarded-for': sourceIp,
      'x-forwarded-port': String(request.socket.localPort ?? 80),
      'x-forwarded-proto': 'http',
      'x-amzn-trace-id': `Root=1-${Math.floor(now.getTime() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`,
    },
    ...(rawQueryString && { queryStringParameters: query(new URLSearchParams(rawQueryString)) }),
    ...(match.pathParameters && { pathParameters: match.pathParameters }),
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName,
      domainPrefix: domainName.split('.')[0]!,
      http: {
        method: request.method ?? 'GET',
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: randomBytes(12).toString('base64url'),
      routeKey: match.route.key,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
      // As on AWS, a route without an authorizer has none here.
      ...((authorizer && { authorizer: { lambda: authorizer } }) as { authorizer: { lambda: AuthorizerContext } }),
    },
  };
};

/** Returns the authorizer's event: everything but the body. */
export const authorizerEvent = (event: ProxyEvent, credential: string): APIGatewayRequestAuthorizerEventV2 => {
  const { body: _body, isBase64Encoded: _encoded, requestContext, ...rest } = event;
  const { authorizer: _none, ...context } = requestContext;
  return {
    ...rest,
    version: '2.0',
    type: 'REQUEST',
    routeArn: `arn:aws:execute-api:local:000000000000:local/$default/${context.http.method}${event.rawPath}`,
    identitySource: [credential],
    requestContext: context as APIGatewayRequestAuthorizerEventV2['requestContext'],
  } as APIGatewayRequestAuthorizerEventV2;
};

/** Splits a request's target into path and query string, both still encoded. */
export const splitUrl = (url = '/'): [path: string, query: string] => {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
};

const joined = (lists: Iterable<[string, string[]]>): Record<string, string> =>
  Object.fromEntries([...lists].map(([name, values]) => [name, values.join(',')]));

const query = (parameters: URLSearchParams): Record<string, string> =>
  joined([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name)]));

/** `12/Mar/2026:19:03:58 +0000` */
const commonLogTime = (at: Date): string => {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(at.toUTCString())!;
  return `${day}/${month}/${year}:${time} +0000`;
};
