import * as z from 'zod';
import { EndedReason } from './schemas/activation.ts';
import { UtcTime } from './schemas/primitives.ts';

/**
 * Every problem of the API: its stable `code`, HTTP status and title. A code never changes its meaning. New codes may be
 * added.
 */
export const problemKinds = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'A valid credential is needed' },
  forbidden: { status: 403, title: 'This is not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  'not-licensed': { status: 403, title: 'No license was granted to you' },
  'subscription-expired': { status: 403, title: 'The subscription has expired' },
  'subscription-suspended': { status: 403, title: 'The subscription is suspended' },
  'session-conflict': { status: 409, title: 'The session is live elsewhere' },
  'license-used': { status: 409, title: 'The license is used' },
  'license-quota-exceeded': { status: 409, title: 'License quota exceeded' },
  'machine-quota-exceeded': { status: 409, title: 'Machine quota exceeded' },
  'limit-exceeded': { status: 409, title: 'A limit is reached' },
  'product-not-in-catalogue': { status: 409, title: 'The product is not in the catalogue' },
  'offline-license-active': { status: 409, title: 'An offline license is active' },
  'activation-ended': { status: 410, title: 'The activation has ended' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body must be JSON' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on our side' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problemKinds;

/** The holder of a seat, which a refusal shows to owners and admins. */
export const SeatHolder = z
  .object({
    seat: z.int(),
    kind: z.enum(['session', 'user', 'offline']),
    sessionId: z.string().nullable().meta({ description: 'Of a running session.' }),
    userId: z.string().nullable(),
    machineId: z.string().nullable(),
    activatedAt: UtcTime.meta({ description: 'Since when it holds the seat.' }),
    leaseExpiresAt: UtcTime.nullable().meta({ description: 'Until when; null if the hold has no end.' }),
  })
  .meta({ id: 'SeatHolder' });

/** The fields of a limit that is reached. */
const limitFields = {
  limit: z.string().meta({
    description:
      'The limit by its name: one that `getLimits` shows, `maxSessions` or `queuePlacesPerKey` of the API key, or ' +
      '`queuePlacesPerPerson` of a person who signed in.',
  }),
  value: z.int().meta({ description: 'Its value.' }),
};

/** The fields that some codes add to their problems. */
const problemFields = {
  'license-quota-exceeded': z.object({
    quota: z.int(),
    inUse: z.int(),
    nextFreeAt: UtcTime.nullable().meta({
      description: 'When the first held seat is free unless its holder extends it; null if no hold has an end.',
    }),
    retryAfterSeconds: z.int().meta({
      description:
        'When to try again, at most 60: some seconds after `nextFreeAt`, or sooner if that is far away. Each session ID has its ' +
        'own time, so that a crowd does not come back at once.',
    }),
    holders: z.array(SeatHolder).optional().meta({ description: 'For owners and admins; at most 100.' }),
  }),
  'product-not-in-catalogue': z.object({
    near: z.array(z.string()).meta({ description: 'Products with similar codes, the nearest first; at most 5.' }),
  }),
  'machine-quota-exceeded': z.object({ machineQuota: z.int(), registeredMachines: z.int() }),
  'activation-ended': z.object({ endedReason: EndedReason }),
  'limit-exceeded': z.object({
    ...limitFields,
    nextFreeAt: UtcTime.optional().meta({
      description: 'For `maxSessions`: when the first lease of the key’s sessions ends unless its holder extends it.',
    }),
    retryAfterSeconds: z.int().optional().meta({ description: 'When to try again, if that may help.' }),
  }),
  'too-many-requests': z.object({ retryAfterSeconds: z.int(), ...z.object(limitFields).partial().shape }),
} as const satisfies Partial<Record<ProblemCode, z.ZodObject>>;

type FieldedCode = keyof typeof problemFields;
export type ProblemFields<C extends ProblemCode> = C extends FieldedCode
  ? z.input<(typeof problemFields)[C]>
  : undefined;

/** One error in an invalid request. `pointer` is a JSON Pointer into `/body`, `/query`, `/path` or `/headers`. */
const ProblemError = z.object({ pointer: z.string(), detail: z.string() });

/**
 * Returns the schema of a problem with this code (RFC 9457).
 *
 * @example problemSchema('license-quota-exceeded')
 */
export const problemSchema = (code: ProblemCode) => {
  const { status, title } = problemKinds[code];
  const base = z.object({
    type: z.literal(problemType(code)),
    title: z.literal(title),
    status: z.literal(status),
    detail: z.string(),
    code: z.literal(code),
    requestId: z.string(),
  });
  if (code === 'invalid-request') return base.extend({ errors: z.array(ProblemError) });
  return code in problemFields ? base.extend(problemFields[code as FieldedCode].shape) : base;
};

/** Returns the `type` URI of a code. It identifies the problem type, and can't be fetched (RFC 9457, section 3.1.1). */
export const problemType = (code: ProblemCode) => `urn:leasehold:problem:${code}`;
