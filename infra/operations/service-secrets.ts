import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { SecretPurpose } from '../../shared/contracts/table-grant.ts';
import { type Invitation, isOpenInvitation } from '../../shared/domain/accounts/invitation.ts';
import { signingVersions, type Webhook } from '../../shared/domain/outbox/webhook.ts';
import {
  cachedForMs,
  currentSecret,
  deleteVersion,
  makeVersion,
  readFormerVersions,
  readVersions,
} from '../../shared/table/store/purpose-secrets.ts';
import type { Table } from '../../shared/table/store/table.ts';

/** Refuses an operator's request; the message says why, and how to go on. */
export class OperatorError extends Error {}

const minute = 60_000;

/** How long a repeated rotation counts as the same rotation, ms. */
const repeatedForMs = 10 * minute;

/** Minimum age of the next version before one is retired, ms: a younger one leaves instances that derive with the one before. */
const learnedAfterMs = cachedForMs + 4 * minute;

const newestOf = async (table: Table, purpose: SecretPurpose) =>
  (await readVersions(table, purpose)).at(-1) ?? { version: 0, createdAt: 0 };

/**
 * Makes the next version of a purpose's secret. A repetition within ten minutes, or one that names the
 * version, makes no second one.
 *
 * @param options.to the version that must exist afterwards
 * @param options.now epoch ms
 * @returns the newest version, and whether this call made it
 * @throws OperatorError if the purpose has no next version, or not this one
 */
export const rotatePurpose = async (
  table: Table,
  purpose: SecretPurpose,
  { to, now }: { to?: number; now: number },
): Promise<{ version: number; made: boolean }> => {
  if (purpose === 'names')
    throw new OperatorError(
      'The secret for names is not rotated: it derives ids alone, and a repeated request must find its own.',
    );
  const newest = await newestOf(table, purpose);
  const wanted = to ?? (now - newest.createdAt < repeatedForMs ? newest.version : newest.version + 1);
  if (wanted > newest.version + 1)
    throw new OperatorError(
      `The newest version for ${purpose} is ${newest.version}: the next one is ${newest.version + 1}.`,
    );
  if (wanted <= newest.version) return { version: newest.version, made: false };
  return { version: wanted, made: (await makeVersion(table, purpose, wanted)).made };
};

/** Returns every item of all organizations whose sort key has this prefix. A scan, for operators alone. */
const scan = async <T>(table: Table, prefix: string): Promise<T[]> => {
  const found: T[] = [];
  let after: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await table.client.send(
      new ScanCommand({
        TableName: table.name,
        ConsistentRead: true,
        FilterExpression: 'begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':prefix': prefix },
        ExclusiveStartKey: after,
      }),
    );
    found.push(...(Items as T[]));
    after = LastEvaluatedKey;
  } while (after);
  return found;
};

const webhooksThatUse = async (table: Table, version: number, now: number): Promise<string[]> =>
  (await scan<Webhook>(table, 'WEBHOOK#'))
    .filter(({ removedAt }) => removedAt === undefined)
    .filter((webhook) => signingVersions(webhook, now).some(({ derivedFrom }) => derivedFrom === version))
    .map(({ organizationId, id }) => `webhook ${id} of ${organizationId}`);

const invitationsThatUse = async (table: Table, version: number, now: number): Promise<string[]> =>
  (await scan<Invitation>(table, 'INVITATION#'))
    .filter((invitation) => (invitation.derivedFrom ?? 0) === version && isOpenInvitation(invitation, now))
    .map(({ organizationId, id }) => `invitation ${id} of ${organizationId}`);

/** Returns the uses of a version of a purpose's secret that the table still shows. */
const usesOf = async (table: Table, purpose: SecretPurpose, version: number, now: number): Promise<string[]> => [
  ...(purpose === 'webhooks' || version === 0 ? await webhooksThatUse(table, version, now) : []),
  ...(purpose === 'invitations' || version === 0 ? await invitationsThatUse(table, version, now) : []),
];

/**
 * Deletes a version that nothing needs any more. Version 0, the one secret of earlier releases, serves all purposes.
 * Repeating the deletion is harmless.
 *
 * @param now epoch ms
 * @returns `gone` if there was none
 * @throws OperatorError while something needs it, or an instance may derive with it
 */
export const retireVersion = async (
  table: Table,
  purpose: SecretPurpose,
  version: number,
  now: number,
): Promise<'retired' | 'gone'> => {
  const versions = version === 0 ? await readFormerVersions(table) : await readVersions(table, purpose);
  if (!versions.some((one) => one.version === version)) return 'gone';
  if (version === 0) {
    // The ids derived with version 0 stay valid: its bytes become the secret for names, unless they already are.
    await currentSecret(table, 'names');
  } else {
    const next = versions.find((one) => one.version > version);
    if (!next) throw new OperatorError(`Version ${version} for ${purpose} is the newest: rotate first.`);
    if (now - next.createdAt < learnedAfterMs)
      throw new OperatorError(
        `An instance may still derive with version ${version}: retire it after ${new Date(next.createdAt + learnedAfterMs).toISOString()}.`,
      );
  }
  const uses = await usesOf(table, purpose, version, now);
  if (uses.length > 0)
    throw new OperatorError(
      `Version ${version} is needed by ${uses.length}:\n${uses.map((use) => `  ${use}`).join('\n')}`,
    );
  await deleteVersion(table, purpose, version);
  return 'retired';
};
