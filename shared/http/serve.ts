import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type * as z from 'zod';
import { isJson, isRefusalRecorded, mediaTypeOf, type Operation, whoMay } from '../contracts/operation.ts';
import { actorOf } from '../domain/accounts/actor.ts';
import { LostAuthority } from '../domain/accounts/authority.ts';
import {
  authorityOf,
  authorize,
  belongsTo,
  type Caller,
  callerOf,
  type Known,
  type Person,
  Principal,
} from '../domain/accounts/principal.ts';
import { createLogger } from '../logger.ts';
import { countInTally } from '../table/history/tallies.ts';
import { Contended } from '../table/store/retry.ts';
import { asActor, isThrottled, openTable, type Table } from '../table/store/table.ts';
import { addressOf } from './origin.ts';
import { notFoundDetail } from './problems/not-found.ts';
import {
  contended,
  ForbiddenByState,
  lostAuthority,
  NothingFound,
  notFound,
  Problem,
  throttled,
  tooFast,
  unauthenticated,
} from './problems/problem.ts';
import { type HttpEvent, problemResult } from './problems/problem-result.ts';
import { prefers } from './reports/accept.ts';
import { fileRows, listFile, preferredFile } from './reports/list-file.ts';
import { rateOf, requestBuckets } from './request-rate.ts';
import { securityHeaders } from './security-headers.ts';
import { type Input, validate } from './validate.ts';

/** The input of a handler. */
export interface Request<O extends Operation> extends Input<O> {
  table: Table;
  /** The caller as a member of the organization in the path; undefined for the vendor. */
  caller: O['access'] extends { to: 'organization'; vendor: false } ? Caller : Caller | undefined;
  /** The person who signed in, for operations open to all. */
  person: O['access'] extends { to: 'signed-in' } ? Person : undefined;
  /** The caller, for operations open to every valid credential. */
  known: O['access'] extends { to: 'known' } ? Known : undefined;
  /** When the request arrived, epoch ms. */
  now: number;
  /** Returns whether the caller prefers the answer's other media type: `or` in the contract. */
  prefers: (mediaType: OtherOf<O['answers'][keyof O['answers'] & number]>['mediaType']) => boolean;
  /** Adds to a metric of the service. */
  count: (metric: string, value?: number, unit?: 'Count' | 'Seconds') => void;
}

type BodyOf<A> = A extends { body: infer S extends z.ZodType } ? { body: z.input<S> } : { body?: undefined };
type HeadersOf<A> = A extends { headers: infer S extends z.ZodType }
  ? { headers: z.input<S> }
  : { headers?: undefined };
type OtherOf<A> = A extends { or: infer C extends { mediaType: string } } ? C : never;
/** The answers of a handler: a status of the contract with its body and headers, or those of its other media type. */
export type Answer<O extends Operation> = {
  [S in keyof O['answers'] & number]:
    | ({ status: S; mediaType?: undefined } & BodyOf<O['answers'][S]> & HeadersOf<O['answers'][S]>)
    | OtherAnswer<S, OtherOf<O['answers'][S]>>;
}[keyof O['answers'] & number];
type OtherAnswer<S, C extends { mediaType: string }> = C extends unknown
  ? { status: S; mediaType: C['mediaType'] } & BodyOf<C> & HeadersOf<C>
  : never;

const bodyLimitBytes = 65_536;

const logger = createLogger();
let opened: Table | undefined;
const table = () => {
  opened ??= openTable('service#api');
  return opened;
};

/**
 * The Lambda handler of an operation: the one middleware stack for everything that all operations share.
 *
 * Order of answers: 429 for a caller that asks too fast, 401, 413, 415, 400, 404, 403; then the handler's answer.
 * The stack neither reads, measures nor echoes input of a caller without a valid credential. A throttled table gives a 429.
 * Any other error that is not a `Problem` becomes a 500 that tells its request id and nothing else.
 */
export const serve = <O extends Operation, const A extends Answer<O>>(
  operation: O,
  handle: (request: Request<O>) => Promise<A>,
) => {
  const metrics = new Metrics({ defaultDimensions: { operation: operation.name } });
  return middy<HttpEvent, APIGatewayProxyStructuredResultV2, Error, Context>()
    .use(report(operation, metrics))
    .use(securityHeaders())
    .use(problems())
    .use(auditForbidden(operation))
    .use(identify(operation))
    .use(readBody(operation))
    .handler(async (event) => {
      const input = validate(operation, event);
      const principal = principalOf(event);
      const { organizationId } = event.pathParameters ?? {};
      const decision = authorize(operation.access, principal, organizationId);
      if (decision.outcome === 'unauthenticated') throw unauthenticated();
      if (decision.outcome === 'not-found') throw notFound();
      if (decision.outcome === 'forbidden')
        throw new Problem('forbidden', `Your credential may not do this. Who may: ${whoMay(operation.access)}`);
      const actor = actorOf(principal, { asVendor: !decision.caller && !decision.person });
      const grantsPower = operation.access.to === 'organization' && operation.access.grantsPower;
      const authority =
        grantsPower && organizationId && decision.caller && authorityOf(principal, organizationId, decision.caller);
      const file = preferredFile(operation, event.headers.accept);
      const now = Date.now();
      const answer = await handle({
        ...input,
        ...(file && { query: { ...input.query, limit: fileRows } }),
        // Opened on use: a function without a grant does not know the table's name.
        get table() {
          return { ...asActor(table(), actor), ...(authority && { authority }) };
        },
        caller: decision.caller as Caller,
        person: decision.person as Request<O>['person'],
        known: decision.known as Request<O>['known'],
        now,
        prefers: (mediaType) => prefers(event.headers.accept, mediaType),
        count: (metric, value = 1, unit = MetricUnit.Count) => metrics.addMetric(metric, unit, value),
      });
      if (!file) return respond(operation, answer as HandlerAnswer);
      const query = event.queryStringParameters ?? {};
      return respond(operation, listFile(operation, { ...file, path: input.path, query, body: answer.body, now }));
    });
};

/** Returns the caller. Without the authorizer's context it is nobody, so bypassing the authorizer opens nothing. */
const principalOf = (event: HttpEvent): Principal => {
  const context = event.requestContext.authorizer?.lambda?.principal;
  if (!context) return { type: 'nobody' };
  return Principal.parse(JSON.parse(context));
};

interface HandlerAnswer {
  status: number;
  mediaType?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The media types sent with their charset, as some readers guess another one. */
const inUtf8: ReadonlySet<string> = new Set(['application/json', 'text/csv']);

/** Parses an answer by its schema, so that no other field can leak. */
const respond = (
  operation: Operation,
  { status, mediaType: chosen, ...parts }: HandlerAnswer,
): APIGatewayProxyStructuredResultV2 => {
  const answer = operation.answers[status];
  const content = chosen === undefined ? answer : answer?.or;
  if (!answer || !content?.body) return { statusCode: status };
  const mediaType = mediaTypeOf(content);
  const body = content.body.parse(parts.body);
  return {
    statusCode: status,
    headers: {
      'Content-Type': inUtf8.has(mediaType) ? `${mediaType}; charset=utf-8` : mediaType,
      'Cache-Control': answer.maxAge === undefined ? 'no-store' : `public, max-age=${answer.maxAge}`,
      ...(content.headers?.parse(parts.headers) as Record<string, string> | undefined),
    },
    body: isJson(mediaType) ? JSON.stringify(body) : String(body),
  };
};

type Middleware = middy.MiddlewareObj<HttpEvent, APIGatewayProxyStructuredResultV2, Error, Context>;

/** Logs the caller. Refuses one that asks too fast, or has no valid credential, before the rest of the request is read. */
const identify = (operation: Operation): Middleware => {
  const take = requestBuckets();
  return {
    before: async ({ event }) => {
      const principal = principalOf(event);
      logger.appendKeys({ caller: callerOf(principal) });
      const { caller, rate } = rateOf(principal, addressOf(event.headers, event.requestContext.http.sourceIp));
      const retryAfterSeconds = take(caller, rate, Date.now());
      if (retryAfterSeconds !== undefined) throw tooFast(rate.requestsPerSecond, retryAfterSeconds);
      if (principal.type === 'nobody' && operation.access.to !== 'anyone') throw unauthenticated();
    },
  };
};

/**
 * Counts, for the audit trail, each time that a member or its key lacks the right. A caller from outside of the organization
 * leaves no trace there.
 */
const auditForbidden = ({ name, access }: Operation): Middleware => ({
  onError: async ({ event, error }) => {
    const problem = problemOf(error);
    if (!isRefusalRecorded(access) || problem.code !== 'forbidden' || problem instanceof ForbiddenByState) return;
    const principal = principalOf(event);
    const { organizationId } = event.pathParameters ?? {};
    if (organizationId === undefined || !belongsTo(principal, organizationId)) return;
    await countInTally(
      asActor(table(), actorOf(principal)),
      organizationId,
      { kind: 'power', operation: name },
      Date.now(),
    ).catch(
      // The answer stays the same; only the trail misses a count.
      (failure: Error) => logger.warn('A refusal could not be noted', failure),
    );
  },
});

const readBody = (operation: Operation): Middleware => {
  // middy does not accept an empty middleware.
  if (!operation.input.body) return { before: () => undefined };
  const parser = httpJsonBodyParser() as Middleware;
  return {
    before: async (request) => {
      const { body = '', isBase64Encoded } = request.event;
      if (Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8') > bodyLimitBytes)
        throw new Problem('payload-too-large', `A body may have ${bodyLimitBytes} bytes at most.`);
      await parser.before?.(request);
    },
  };
};

/** Turns every error into problem+json, middy's own too. */
const problems = (): Middleware => ({
  onError: async (request) => {
    const requestId = request.event.requestContext.requestId;
    const found = problemOf(request.error);
    const problem =
      found instanceof NothingFound
        ? new Problem('not-found', notFoundDetail(request.event.pathParameters ?? {}))
        : found;
    if (problem.code === 'internal') logger.error('Unexpected error', request.error as Error);
    request.response = problemResult(problem, requestId);
  },
});

const problemOf = (error: (Error & { statusCode?: number }) | null | undefined): Problem => {
  if (error instanceof Problem) return error;
  if (error instanceof LostAuthority) return lostAuthority(error.lost);
  if (error && isThrottled(error)) return throttled();
  if (error instanceof Contended) return contended();
  if (error?.statusCode === 415)
    return new Problem('unsupported-media-type', 'Send the body as `Content-Type: application/json`.');
  if (error?.statusCode && error.statusCode < 500)
    return new Problem('invalid-request', 'The body is not valid JSON.', {
      errors: [{ pointer: '/body', detail: 'is not valid JSON' }],
    });
  return new Problem(
    'internal',
    'The request failed on our side. It is safe to repeat it; tell us the requestId if it keeps failing.',
  );
};

/** How long an instance collects the metrics of a routine operation, ms. It sends a hundred values earlier. */
const collectedMs = 60_000;

/**
 * Adds the request id to every answer, and writes one log line and the metrics of every request. A routine operation's success
 * has no line, and its metrics go out together: these two would cost as much as the rest of a heartbeat's function.
 */
const report = (operation: Operation, metrics: Metrics): Middleware => {
  const started = new WeakMap<object, number>();
  let sentAt = 0;
  const done: middy.MiddlewareFn<HttpEvent, APIGatewayProxyStructuredResultV2, Error, Context> = async (request) => {
    const { requestId } = request.event.requestContext;
    const status = request.response?.statusCode ?? 500;
    const ms = Math.round(performance.now() - (started.get(request.event) ?? 0));
    request.response = {
      ...request.response,
      headers: { ...request.response?.headers, 'X-Request-Id': requestId },
    };
    const isRoutine = operation.isRoutine === true && status < 300;
    if (!isRoutine) logger.info('request', { status, ms });
    logger.resetKeys();
    metrics.addMetric('Latency', MetricUnit.Milliseconds, ms);
    if (status >= 500) metrics.addMetric('Errors', MetricUnit.Count, 1);
    if (isRoutine && Date.now() - sentAt < collectedMs) return;
    sentAt = Date.now();
    metrics.publishStoredMetrics();
  };
  return {
    before: async (request) => {
      started.set(request.event, performance.now());
      const { organizationId } = request.event.pathParameters ?? {};
      logger.appendKeys({
        requestId: request.event.requestContext.requestId,
        // Lambda's own lines have it. The log group tells the rest of the context, which would double the line.
        function_request_id: request.context.awsRequestId,
        operation: operation.name,
        ...(organizationId && { organizationId }),
      });
    },
    after: done,
    onError: done,
  };
};
