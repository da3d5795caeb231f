import * as z from 'zod';
import type { ProblemCode } from './problems.ts';
import type { KeyScope } from './schemas/api-key.ts';
import { listFileOf } from './schemas/list-file.ts';
import type { Role } from './schemas/organization.ts';
import { pathParameters } from './schemas/primitives.ts';
import type { TableGrant } from './table-grant.ts';

/**
 * The callers that an operation allows.
 *
 * - `known`: any caller with a valid credential, person or API key
 * - `signed-in`: any person who signed in, member or not; no API key
 * - `organization`: a member of the organization in the path with one of `roles`; the vendor if `vendor`. An API key acts as
 *   its member and needs `keyScope`: a key of scope `full` covers `activate`; `none` allows no key
 *
 * `grantsPower`: the operation changes what somebody may do, or decides about others' licenses and machines. It reads the
 * caller's membership and key, strongly consistent, so a caller who lost its right is refused at once, whatever the authorizer
 * has cached. The audit trail also records its refusals.
 */
export type Access =
  | { to: 'anyone' }
  | { to: 'vendor' }
  | { to: 'known' }
  | { to: 'signed-in' }
  | {
      to: 'organization';
      roles: readonly Role[];
      vendor: boolean;
      keyScope: KeyScope | 'none';
      grantsPower?: true;
    };

/** Returns the callers that an operation allows, in words for the documents. */
export const whoMay = (access: Access): string => {
  if (access.to === 'anyone') return 'Anyone.';
  if (access.to === 'vendor') return 'The vendor.';
  if (access.to === 'known') return 'Any caller with a valid credential.';
  if (access.to === 'signed-in') return 'Any person who signed in; no API key.';
  if (access.roles.length === 0) return 'The vendor.';
  const who = [...access.roles, ...(access.vendor ? ['vendor'] : [])].join(', ');
  if (access.keyScope === 'none') return `${who}, signed in; no API key.`;
  return `${who}; API keys of scope ${access.keyScope === 'activate' ? '`activate` or `full`' : '`full`'}.`;
};

/**
 * Returns whether the organization's audit trail records a member's refusal. It does for operations that grant power, and
 * for those that only the vendor may call.
 */
export const isRefusalRecorded = (access: Access): boolean =>
  access.to === 'organization' && (access.grantsPower === true || access.roles.length === 0);

/** The body and headers of an answer. */
interface Content {
  readonly body?: z.ZodType;
  /** The media type of the body, if not `application/json`. A body that is not JSON is text. */
  readonly mediaType?: string;
  /** Headers that the handler sets. */
  readonly headers?: z.ZodObject;
}

interface Answers {
  readonly [status: number]: Content & {
    readonly description: string;
    /** How long caches may keep the answer, seconds. Default: not at all. */
    readonly maxAge?: number;
    /** The same answer in another media type, for callers whose `Accept` prefers it. */
    readonly or?: Content & {
      readonly body: z.ZodType;
      readonly mediaType: string;
      /** The columns of a file that the service makes from the page: fields of its items. */
      readonly columns?: readonly string[];
    };
  };
}

/** Returns the media type of an answer's body. */
export const mediaTypeOf = ({ mediaType = 'application/json' }: Content): string => mediaType;
/** Returns whether a media type is JSON, including types such as `application/problem+json`. */
export const isJson = (mediaType: string): boolean => /^application\/([^;]+\+)?json$/.test(mediaType);

/**
 * The contract of one operation of the HTTP API. The handler's validation and types, the route and the IAM grant on AWS, the
 * local gateway, the OpenAPI document and the client all derive from it.
 */
export interface Operation {
  /** The operationId; the function lives in `functions/<name in kebab case>.ts`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: `/${string}`;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  readonly input: {
    readonly path: z.ZodObject;
    readonly query?: z.ZodObject;
    readonly headers?: z.ZodObject;
    readonly body?: z.ZodObject;
  };
  readonly answers: Answers;
  /** The operation's own problems. Its input and access add the common ones (400, 401, …). */
  readonly problems: readonly ProblemCode[];
  /** The calls that the function may make, by kind of partition: exactly its IAM grant on the table. */
  readonly table: TableGrant;
  /** The use of the keys that sign offline licenses, if any: exactly the function's IAM grant on these keys. */
  readonly signingKeys?: 'sign' | 'publish';
  /** The text of the function's alarm: what users can't do while the function fails. */
  readonly impact: string;
  /** Clients call it all the time: a success gets no log line, and metrics go out many at once. */
  readonly isRoutine?: true;
  /** How long the gateway remembers the caller behind a credential, seconds. Default: `defaultRememberedSeconds`. */
  readonly rememberedSeconds?: number;
}

/** The header in which the distribution sends the secret by which the gateway knows it. */
export const originHeader = 'x-leasehold-origin';

export const defaultRememberedSeconds = 30;

/** Returns how long the gateway remembers the caller behind a credential, seconds: a revoked key works for that much longer. */
export const rememberedSeconds = (operation: Operation): number =>
  operation.rememberedSeconds ?? defaultRememberedSeconds;

type Declared = Omit<Operation, 'input' | 'problems'> &
  Partial<Pick<Operation, 'problems'>> & { readonly input?: Omit<Operation['input'], 'path'> };

type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type PathOf<Path extends string> = z.ZodObject<
  { [Name in NamesIn<Path> & keyof typeof pathParameters]: (typeof pathParameters)[Name] },
  z.core.$strict
>;
type Completed<O extends Declared> = Omit<O, 'input' | 'problems'> & {
  input: O['input'] & { path: PathOf<O['path']> };
  problems: readonly ProblemCode[];
};

/**
 * Declares an operation and keeps its literal types.
 *
 * @param declared default: no input beside the parameters in the path, and no problems of its own
 */
export const operation = <const O extends Declared>(declared: O): Completed<O> => {
  const names = [...declared.path.matchAll(/{(\w+)}/g)].map(([, name]) => name as keyof typeof pathParameters);
  const path = z.strictObject(Object.fromEntries(names.map((name) => [name, pathParameters[name]])));
  const input = { ...declared.input, path: path as unknown as PathOf<O['path']> };
  return { problems: [], ...declared, answers: withFile(declared), input };
};

/** Gives a list its file. A report has a file of its own, which its handler makes. */
const withFile = <A extends Answers>({ name, answers }: { name: string; answers: A }): A => {
  const page = answers[200];
  const file = page?.or ?? listFileOf(name, page?.body);
  return file ? { ...answers, 200: { ...page, or: file } } : answers;
};

/** The access of the vendor alone to an organization: a member gets 403, anyone else 404. */
export const vendorOnly = {
  to: 'organization',
  roles: [],
  vendor: true,
  keyScope: 'full',
} as const satisfies Access;

/** The roles of an operation that every member may call. */
export const anyMember = ['owner', 'admin', 'billing-manager', 'user'] as const;

/** Returns the file name of an operation's function, without extension: `createApiKey` → `create-api-key`. */
export const functionFile = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
