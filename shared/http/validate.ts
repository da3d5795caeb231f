import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import type { Operation } from '../contracts/operation.ts';
import { type FieldError, Problem } from './problems/problem.ts';

type Part = 'path' | 'query' | 'headers' | 'body';
type PartOf<O extends Operation, P extends Part> = O['input'][P] extends z.ZodType
  ? z.output<O['input'][P]>
  : Record<string, never>;

/** The parts of a request, as the operation's contract types them. */
export type Input<O extends Operation> = { [P in Part]: PartOf<O, P> };

const nothing = z.strictObject({});
const anything = z.looseObject({});

/** JSON Pointer (RFC 6901) to a place in a part of the request. */
const pointerTo = (part: Part, path: readonly PropertyKey[]) =>
  [`/${part}`, ...path.map((step) => String(step).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');

/**
 * Decodes slashes that are left in the path's parameters. Some gateways decode a path before they route it, so clients encode the
 * slash of an ID twice. No ID has a percent sign of its own.
 */
const withSlashes = (parameters: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, value?.replace(/%2f/gi, '/')]));

/** Validates a request by its contract. The problem lists every wrong field. */
export const validate = <O extends Operation>(
  operation: O,
  event: APIGatewayProxyEventV2 & { body?: unknown },
): Input<O> => {
  const parts: Record<Part, unknown> = {
    path: withSlashes(event.pathParameters ?? {}),
    query: event.queryStringParameters ?? {},
    headers: event.headers,
    body: event.body,
  };
  const schemas: Record<Part, z.ZodType> = {
    path: operation.input.path,
    query: operation.input.query ?? nothing,
    headers: operation.input.headers ?? anything,
    body: operation.input.body ?? z.unknown(),
  };
  const errors: FieldError[] = [];
  const checked: Partial<Record<Part, unknown>> = {};
  for (const part of Object.keys(schemas) as Part[]) {
    const parsed = schemas[part].safeParse(parts[part], { error: errorText });
    if (parsed.success) checked[part] = parsed.data;
    else errors.push(...parsed.error.issues.flatMap((issue) => fieldErrorsOf(part, issue)));
  }
  if (errors.length === 0) return checked as Input<O>;
  const shown = errors.slice(0, 50);
  throw new Problem('invalid-request', shown.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '), {
    errors: shown,
  });
};

/** Replaces the message for a missing field. */
const errorText: z.core.$ZodErrorMap = ({ input }) => (input === undefined ? 'is required' : undefined);

const fieldErrorsOf = (part: Part, issue: z.core.$ZodIssue): FieldError[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ pointer: pointerTo(part, [...issue.path, key]), detail: 'is not known here' }))
    : [{ pointer: pointerTo(part, issue.path), detail: issue.message }];
