import type * as z from 'zod';
import type { ProblemCode } from './problems.ts';
import type { KeyScope } from './schemas/api-key.ts';
import type { Role } from './schemas/organization.ts';
import type { TableGrant } from './table-grant.ts';

/**
 * Who may call an operation.
 * `signed-in`: any person who signed in, a member of something or not; no API key.
 * `organization`: a member of the organization in the path with one of `roles`; the vendor if `vendor`;
 * an API key acts as its member and needs `keyScope` (a `full` key covers `activate`; `none`: no key may).
 * `grantsPower`: the operation lets somebody do more, or less, from then on. Its transactions then require the caller's
 * membership and key to stand: a caller who lost its right is refused at once, whatever the authorizer still remembers. The
 * audit trail also tells its refusals.
 */
export type Access =
  | { to: 'anyone' }
  | { to: 'vendor' }
  | { to: 'signed-in' }
  | {
      to: 'organization';
      roles: readonly Role[];
      vendor: boolean;
      keyScope: KeyScope | 'none';
      grantsPower?: true;
    };

/** The same in words. */
export const whoMay = (access: Access): string => {
  if (access.to === 'anyone') return 'Anyone.';
  if (access.to === 'vendor') return 'The vendor.';
  if (access.to === 'signed-in') return 'Any person who signed in; no API key.';
  const who = [...access.roles, ...(access.vendor ? ['vendor'] : [])].join(', ');
  if (access.keyScope === 'none') return `${who}, signed in; no API key.`;
  return `${who}; API keys of scope ${access.keyScope === 'activate' ? '`activate` or `full`' : '`full`'}.`;
};

/** Returns whether the organization's audit trail tells a member's refusal: for operations that grant power or are the vendor's. */
export const isRefusalTold = (access: Access): boolean =>
  access.to === 'organization' && (access.grantsPower === true || access.roles.length === 0);

/** What an answer has beside its status. */
interface Content {
  readonly body?: z.ZodType;
  /** What the body is, if not `application/json`. A body of a type that is not JSON is text. */
  readonly mediaType?: string;
  /** Headers that the handler sets. */
  readonly headers?: z.ZodObject;
}

interface Answers {
  readonly [status: number]: Content & {
    readonly description: string;
    /** For how long anybody may keep it, seconds; by default nobody may. */
    readonly maxAge?: number;
    /** The same in another media type, for callers whose `Accept` prefers it. */
    readonly or?: Content & { readonly body: z.ZodType; readonly mediaType: string };
  };
}

/** What the body of an answer is. */
export const mediaTypeOf = ({ mediaType = 'application/json' }: Content): string => mediaType;
export const isJson = (mediaType: string): boolean => /^application\/([^;]+\+)?json$/.test(mediaType);

/**
 * One operation of the HTTP API, told once. The handler's validation, its types, its route and IAM grant on AWS,
 * the local gateway, the OpenAPI document and the client are all derived from it.
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
    readonly path?: z.ZodObject;
    readonly query?: z.ZodObject;
    readonly headers?: z.ZodObject;
    readonly body?: z.ZodObject;
  };
  readonly answers: Answers;
  /** The problems of its own; those that any operation can have (400, 401, …) are added by its input and access. */
  readonly problems: readonly ProblemCode[];
  /** The calls that the function may make, by kind of partition; on AWS exactly its IAM grant on the table. */
  readonly table: TableGrant;
  /** What it does with the keys that sign offline licenses, if anything; its IAM grant on these is exactly this. */
  readonly signingKeys?: 'sign' | 'publish';
  /** What a user can't do while this function fails: the text of its alarm. */
  readonly impact: string;
}

/** Declares an operation, keeping its literal types. */
export const operation = <const O extends Operation>(declared: O): O => declared;

/** Every role. */
export const anyMember = ['owner', 'admin', 'billing-manager', 'user'] as const;
/** `createApiKey` → `create-api-key`: the file of an operation's function, without its extension. */
export const functionFile = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
