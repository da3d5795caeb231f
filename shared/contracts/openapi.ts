import * as z from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { mediaTypeOf, type Operation, whoMay } from './operation.ts';
import { operations } from './operations.ts';
import { type ProblemCode, problemKinds, problemSchema } from './problems.ts';

/** Returns the problems that an operation's input and access can cause, whatever the operation does. */
const commonProblems = ({ input, access, method }: Operation): ProblemCode[] => [
  'invalid-request',
  ...(access.to === 'anyone' ? [] : (['unauthenticated', 'forbidden'] as const)),
  ...(access.to === 'organization' ? (['not-found'] as const) : []),
  ...(input.body && method !== 'GET' ? (['payload-too-large', 'unsupported-media-type'] as const) : []),
  'too-many-requests',
  'internal',
];

const problemResponses = (operation: Operation) => {
  const codes = new Set([...commonProblems(operation), ...operation.problems]);
  const byStatus = Map.groupBy(codes, (code) => problemKinds[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      String(status),
      {
        description: ofStatus.map((code) => `\`${code}\`: ${problemKinds[code].title}`).join('; '),
        content: {
          'application/problem+json': {
            schema: ofStatus.length === 1 ? problem(ofStatus[0] as ProblemCode) : z.union(ofStatus.map(problem)),
          },
        },
        ...(ofStatus.some((code) => 'retryAfterSeconds' in problemSchema(code).shape) && {
          headers: z.object({ 'Retry-After': z.string().meta({ description: 'Seconds.' }).optional() }),
        }),
      },
    ]),
  );
};

const problemComponents = new Map<ProblemCode, z.ZodObject>();
const problem = (code: ProblemCode): z.ZodObject => {
  const known = problemComponents.get(code);
  if (known) return known;
  const name = code.replace(/(^|-)(.)/g, (_, __, letter: string) => letter.toUpperCase());
  const made = problemSchema(code).meta({ id: `${name}Problem` });
  problemComponents.set(code, made);
  return made;
};

type Answer = Operation['answers'][number];

/** Returns the headers of an answer. Headers that only one of its media types has are optional. */
const headersOf = ({ headers, or }: Answer) => {
  if (!or?.headers) return headers && { headers };
  return { headers: z.object({ ...headers?.shape, ...or.headers.partial().shape }) };
};

const contentOf = (answer: Answer) =>
  Object.fromEntries(
    [answer, ...(answer.or ? [answer.or] : [])].map((content) => [mediaTypeOf(content), { schema: content.body }]),
  );

const operationObject = (operation: Operation): ZodOpenApiOperationObject => {
  const { input, answers } = operation;
  return {
    operationId: operation.name,
    tags: [operation.tag],
    summary: operation.summary,
    description: [operation.description, `**Who:** ${whoMay(operation.access)}`].filter(Boolean).join('\n\n'),
    security: operation.access.to === 'anyone' ? [] : [{ bearer: [] }],
    ...((input.query || input.headers || operation.path.includes('{')) && {
      requestParams: {
        path: input.path,
        ...(input.query && { query: input.query }),
        ...(input.headers && { header: input.headers }),
      },
    }),
    ...(input.body && { requestBody: { required: true, content: { 'application/json': { schema: input.body } } } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          {
            description: answer.description,
            ...headersOf(answer),
            ...(answer.body && { content: contentOf(answer) }),
          },
        ]),
      ),
      ...problemResponses(operation),
    },
  };
};

const paths = () => {
  const made: ZodOpenApiPathsObject = {};
  for (const operation of operations)
    made[operation.path] = { ...made[operation.path], [operation.method.toLowerCase()]: operationObject(operation) };
  return made;
};

/** Returns the OpenAPI 3.1 document, derived from the contracts. `npm run openapi` writes it to `docs/openapi.json`. */
export const openapi = () =>
  createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Leasehold',
      version: '1.0.0',
      description:
        'License management whose quota is never exceeded. Errors are `application/problem+json` (RFC 9457) with a ' +
        'stable `code`. Lists answer `{items, nextCursor}`. Times are ISO 8601 in UTC.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(operations.map((operation) => operation.tag))].map((name) => ({ name })),
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'A JWT of the configured OpenID Connect issuer, or an API key `lh_<keyId>_<secret>`.',
        },
      },
    },
    paths: paths(),
  });
