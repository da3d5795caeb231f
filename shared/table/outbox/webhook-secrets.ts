import { createHmac, randomBytes } from 'node:crypto';
import { type SigningVersion, signingVersions, type Webhook } from '../../domain/outbox/webhook.ts';
import { checkAuthority } from '../store/authority.ts';
import { keys, type WebhookName } from '../store/keys.ts';
import { currentSecret, secretOfVersion } from '../store/purpose-secrets.ts';
import { Contended } from '../store/retry.ts';
import { hashOf } from '../store/secrets.ts';
import { type Table, update } from '../store/table.ts';
import { readWebhook } from './webhooks.ts';

/** How often a rotation is tried while other writes change the webhook. */
const rotationTries = 5;

/** How many rotations before the last a webhook knows: a late repetition of one rotates nothing. */
const rotationsKept = 10;

/**
 * Gives a webhook its next secret, derived from the service's newest secret for webhooks. The former secret also signs
 * until `formerSecretUntil`. A repetition (with the same idempotency key, or by the SDK after a lost answer) changes nothing
 * and returns the webhook after the first rotation. The answer has the secret, so the caller's right is checked after the
 * write: a caller that lost it meanwhile is refused, and the rotation stands.
 *
 * @returns `missing` if there is no such webhook, `superseded` if this rotation was made, and another one since
 * @throws LostAuthority if the caller's membership, role or key has ended
 * @throws Contended if other writes changed it again and again
 */
export const rotateSecret = async (
  table: Table,
  name: WebhookName,
  { idempotencyKey, formerSecretUntil }: { idempotencyKey?: string; formerSecretUntil: number },
): Promise<Webhook | 'missing' | 'superseded'> => {
  const rotation = idempotencyKey ? hashOf(idempotencyKey) : randomBytes(16).toString('base64url');
  const { version: derivedFrom } = await currentSecret(table, 'webhooks');
  await checkAuthority(table);
  for (let tries = 0; tries < rotationTries; tries++) {
    const asRead = await readWebhook(table, name);
    if (!asRead) return 'missing';
    const { rotation: last, formerRotations = [] } = asRead;
    if (formerRotations.includes(rotation)) {
      if (idempotencyKey) return 'superseded';
      throw new Contended();
    }
    const next: Webhook = {
      ...asRead,
      secretVersion: asRead.secretVersion + 1,
      derivedFrom,
      formerDerivedFrom: asRead.derivedFrom ?? 0,
      formerSecretUntil,
      rotation,
      formerRotations: [...formerRotations, ...(last ? [last] : [])].slice(-rotationsKept),
    };
    const isDone = last === rotation;
    if (!isDone && !(await writeRotation(table, asRead, next))) continue;
    await checkAuthority(table);
    return isDone ? asRead : next;
  }
  throw new Contended();
};

/** Writes a rotation, unless another one was first. */
const writeRotation = async (table: Table, { secretVersion }: Webhook, next: Webhook): Promise<boolean> => {
  const { done } = await update(table, {
    Key: keys.webhook(next),
    UpdateExpression:
      'SET secretVersion = :next, formerSecretUntil = :until, rotation = :rotation, formerRotations = :rotations, ' +
      'derivedFrom = :from, formerDerivedFrom = :former',
    ConditionExpression: 'secretVersion = :asRead AND attribute_not_exists(removedAt)',
    ExpressionAttributeValues: {
      ':asRead': secretVersion,
      ':next': next.secretVersion,
      ':from': next.derivedFrom,
      ':former': next.formerDerivedFrom,
      ':until': next.formerSecretUntil,
      ':rotation': next.rotation,
      ':rotations': next.formerRotations,
    },
  });
  return done;
};

/** Derives the secret of a version: no webhook's item has it, and only the answer to its maker. */
const secretOf = async (
  table: Table,
  { organizationId, id }: Webhook,
  { secretVersion, derivedFrom }: SigningVersion,
): Promise<string> => {
  const { bytes } = await secretOfVersion(table, 'webhooks', derivedFrom);
  const digest = createHmac('sha256', bytes).update(`webhook\n${organizationId}\n${id}\n${secretVersion}`);
  return `whsec_${digest.digest('base64')}`;
};

export const newestSecret = (table: Table, webhook: Webhook): Promise<string> =>
  secretOf(table, webhook, signingVersions(webhook, 0)[0]);

/** Returns the secrets that sign deliveries now, newest first. */
export const signingSecrets = (table: Table, webhook: Webhook, now: number): Promise<string[]> =>
  Promise.all(signingVersions(webhook, now).map((version) => secretOf(table, webhook, version)));
