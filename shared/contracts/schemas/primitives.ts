import * as z from 'zod';

/** An instant in every answer's format: ISO 8601, UTC, milliseconds. */
export const UtcTime = z.iso
  .datetime({
    error: ({ code }) =>
      code === 'invalid_format' ? 'must be a time in UTC, such as 2027-01-31T09:30:00Z' : undefined,
  })
  .meta({ example: '2027-01-31T09:30:00.000Z' });

const before1970 = /^(?:0\d{3}|1[0-8]\d\d|19[0-6]\d)-/;

/** An instant in a request: not before 1970, since the service stores epoch milliseconds. */
export const GivenTime = UtcTime.refine((text) => !before1970.test(text), 'must not be before 1970');

// The pattern works without the flag `u`, since JSON Schema does not set that flag.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern excludes them.
const onOneLine = /^(?:[^\x00-\x1f\x7f-\x9f\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])*$/;
const notOnOneLine = 'must have no control characters and no unpaired surrogates';

/**
 * A text for people to read, on one line. It has no control characters, which could act on a terminal or a log, and no half
 * surrogate pairs.
 */
export const Text = z.string().regex(onOneLine, notOnOneLine);

/** A URL. Control characters are refused, since URL parsers drop them silently. */
export const Url = Text.max(2000).pipe(z.url());

/** Returns the schema of an ID that the service makes. */
const madeId = (meta: { description?: string; example: string }) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 characters of A-Z a-z 0-9 _ -')
    .meta(meta);

export const OrganizationId = madeId({ description: 'The organization.', example: 'org_01k9z4m6c8t2v0x5y7w3q1n8rb' });

export const ProductCode = z
  .string()
  .regex(/^[A-Z0-9-]{1,32}$/, 'must be 1 to 32 characters of A-Z 0-9 -')
  .meta({ description: 'The product by its code.', example: 'KRE' });

export const SessionId = z
  .string()
  .regex(/^[A-Za-z0-9._:/-]{1,128}$/, 'must be 1 to 128 characters of A-Z a-z 0-9 . _ : / -')
  .meta({
    description:
      'Names one running session. Repeat it on a retry and you get the same license; a CI job ID is a good choice. ' +
      'In a path, encode each slash as `%2F`; or as `%252F`, if a proxy decodes the path before it routes.',
    example: 'build-4711',
  });

export const MachineId = z
  .string()
  .regex(/^[A-Za-z0-9._:@=+~-]{1,128}$/, 'must be 1 to 128 characters of A-Z a-z 0-9 . _ : - @ = + ~')
  .meta({ description: 'The machine, by any stable ID of yours.', example: 'runner-07' });

/** Refuses `.` and `..` as an ID: in a URL they are path segments with a meaning of their own, however they are encoded. */
const notDots = (id: z.ZodString) => id.regex(/^(?!\.{1,2}$)/, 'must not be . or .. since a URL cannot contain it');

/** The ID of a new session. For its parts between slashes the same holds; the empty ID is refused by `SessionId`. */
export const NewSessionId = SessionId.regex(
  /^$|^(?!(.*\/)?\.{0,2}(\/|$))/,
  'must not be . or .., or have such a part or an empty one beside a slash, since a URL cannot contain it',
);

/** The ID of a machine in a request for a license. */
export const NewMachineId = notDots(MachineId);

export const UserId = madeId({ description: 'The user.', example: 'usr_01k9z4m6c8t2v0x5y7w3q1n8rb' });

export const InvitationId = madeId({ description: 'The invitation.', example: 'inv_2f0c5m8r1t7y3w9q6n4x8z1b5d' });

export const RecoveryId = madeId({
  description: 'The recovery.',
  example: 'rec_01k9z4m6c8t2v0x5y7w3q1n8rb01k9zb7d4h6j8m0p2r5s7t9v1w',
});

export const InvitationToken = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,128}$/, 'must be 1 to 128 characters of A-Z a-z 0-9 _ -')
  .meta({
    description: '`lhi_<id>_<secret>`, as whoever invited passed it on.',
    example: 'lhi_01k9z4m6c8t2v0x5y7w3q1n8rb2f0c5m8r1t7y3w9q6n4x8z1b5d_Wq2cR8tYvN0bXk4uS7mE1zJ9pL3aH6dF5gC8oT2iK4w',
  });

export const KeyId = z
  .string()
  .regex(/^[A-Za-z0-9]{1,64}$/, 'must be 1 to 64 characters of A-Z a-z 0-9')
  .meta({ description: 'The API key, by its ID.', example: '01k9z4m6c8t2v0x5y7w3q1n8rb4kd93kd02mfq' });

export const OfflineLicenseId = madeId({
  description: 'The offline license.',
  example: 'off_01k9z4m6c8t2v0x5y7w3q1n8rb',
});

export const WebhookId = madeId({ example: 'whk_01k9z4m6c8t2v0x5y7w3q1n8rb' });

export const DeliveryId = madeId({ example: 'dlv_01k9z4m6c8t2v0x5y7w3q1n8rb' });

/** The schemas of the parameters in paths, by name. */
export const pathParameters = {
  organizationId: OrganizationId,
  product: ProductCode,
  sessionId: SessionId,
  machineId: MachineId,
  userId: UserId,
  invitationId: InvitationId,
  token: InvitationToken,
  recoveryId: RecoveryId,
  keyId: KeyId,
  licenseId: OfflineLicenseId,
  webhookId: WebhookId,
  deliveryId: DeliveryId,
};

/** Identifies one request: a repetition gets the same answer and creates nothing. */
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{16,128}$/, 'must be 16 to 128 printable ASCII characters, such as a random UUID')
  .meta({
    description: 'For example a random UUID. A retry with the same one gets the same answer, and makes nothing more.',
    example: '7d4ff1c2-3c55-4f3e-9f0a-52c0b2f1f6f7',
  });

/** The position where the next page starts: opaque, signed, valid for the list that issued it. */
const Cursor = z
  .string()
  .max(1024)
  .meta({ description: '`nextCursor` of the page before; opaque, and good for this list only.' });

/** The query parameters of every list. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'Items per page.' }),
  cursor: Cursor.optional(),
});

/** Returns the schema of a page of a list. `nextCursor` is absent on the last page. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() });

/** A day or an instant, in UTC. */
const DayOrInstant = z
  .union([z.iso.date(), z.iso.datetime()], 'must be a date (yyyy-mm-dd) or an instant in UTC')
  .refine((text) => !before1970.test(text), 'must not be before 1970');

/** The query parameters for the range of every report. */
export const reportTimes = {
  from: DayOrInstant.optional().meta({
    description:
      'From then on: a day from its beginning (UTC), or an instant. Default: the first day of the month 12 months before ' +
      '`to`.',
    example: '2026-02-01',
  }),
  to: DayOrInstant.optional().meta({
    description: 'Until then: a day to its end, or before an instant; at most 13 months after `from`. Default: today.',
    example: '2027-01-31',
  }),
};

/**
 * A report as a file: the other media type of its answer.
 *
 * @param file.name an example of its name
 * @param file.example its first rows
 */
export const csvOf = ({ name, ...described }: { name: string; description: string; example?: string }) => ({
  mediaType: 'text/csv' as const,
  body: z.string().meta(described),
  headers: z.object({
    'Content-Disposition': z.string().meta({ example: `attachment; filename="${name}"` }),
    Link: z
      .string()
      .optional()
      .meta({ description: 'Where the rest is, if there is more: `</v1/…?cursor=…>; rel="next"`.' }),
  }),
});
