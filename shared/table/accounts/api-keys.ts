import { createHmac, randomBytes } from 'node:crypto';
import { ulid } from 'ulid';
import { defaultLimits } from '../../contracts/schemas/limits.ts';
import { type ApiKey, isUnendedKey } from '../../domain/accounts/api-key.ts';
import type { KeyFailure } from '../../domain/history/tally.ts';
import { joinList } from '../items/limit-counters.ts';
import { readMember } from '../items/members.ts';
import { makeThing } from '../items/pending-things.ts';
import { updateUnderAuthority } from '../store/authority.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { type Key, keys, type Page, type PageRequest, ranges } from '../store/keys.ts';
import { currentSecret, type PurposeSecret, RetiredSecret, secretOfVersion } from '../store/purpose-secrets.ts';
import { base36, hashOf, isSecretOf, secretText } from '../store/secrets.ts';
import { getItem, readAll, readAllWithActor, readPage, type Table, update, type WithActor } from '../store/table.ts';

/** Returns `lh_<keyId>_<secret>`. A key id begins with the random part of its organization's id, so it leads to the item. */
const token = (keyId: string, secret: string) => `lh_${keyId}_${secret}`;
const tokenForm = /^lh_(([0-9a-z]{26})[0-9a-z]{26})_([A-Za-z0-9]{43})$/;

/**
 * Creates an API key. With an idempotency key, a repetition gets the same API key: its id and secret are derived from the
 * idempotency key and the service's secrets for names and for API keys.
 *
 * A member under removal gets no new key: the removal finds each pending key, or the request no member.
 *
 * @param options.perMember how many good keys a member may have
 * @returns `other` if the idempotency key was used for another request, `forgotten` if the secret behind the same request's key
 *   was retired, `too-many` if the member has its maximum of keys, `no-member` if the user is no member
 * @throws Contended if others were in the way for too long
 */
export const createApiKey = async (
  table: Table,
  request: Pick<ApiKey, 'organizationId' | 'userId' | 'name' | 'scope' | 'maxSessions' | 'expiresAt' | 'belowOwner'>,
  {
    idempotencyKey,
    createdBy,
    perMember = defaultLimits.apiKeysPerMember,
    now,
  }: { idempotencyKey?: string; createdBy: string; perMember?: number; now: number },
): Promise<
  { outcome: 'created'; apiKey: ApiKey; key: string } | { outcome: 'other' | 'forgotten' | 'no-member' | 'too-many' }
> => {
  const derive = ({ bytes }: PurposeSecret) =>
    createHmac('sha512', bytes).update(`api-key\n${request.organizationId}\n${createdBy}\n${idempotencyKey}`).digest();
  const [names, from] = idempotencyKey
    ? await Promise.all([currentSecret(table, 'names'), currentSecret(table, 'api-keys')])
    : [];
  const id =
    request.organizationId.slice('org_'.length) +
    (names ? base36(derive(names).subarray(32)) : ulid(now).toLowerCase());
  const secret = secretAt(from ? derive(from) : randomBytes(64), now);
  const derived = { derivedFrom: from?.version, secretHash: hashOf(secret) };
  const apiKey: ApiKey = { ...request, ...derived, createdBy, id, createdAt: now };
  const key = keys.apiKey(request.organizationId, id);
  const isSame = (before: ApiKey) =>
    before.name === request.name &&
    before.scope === request.scope &&
    before.userId === request.userId &&
    before.expiresAt === request.expiresAt &&
    (before.maxSessions ?? null) === (request.maxSessions ?? null) &&
    // A caller who makes keys of fewer rights is not told one of more.
    (before.belowOwner || !request.belowOwner) &&
    before.revokedAt === undefined;
  const made = await makeThing(table, key, {
    thing: apiKey,
    isSame,
    join: async () => {
      const joined = await joinList(table, keys.listOfApiKeys(request.organizationId, request.userId), {
        id,
        name: id,
        value: perMember,
        nameOf: (one: ApiKey) => one.id,
        readThings: () => readUnendedKeysOf(table, request, now),
      });
      if (joined) return { outcome: 'too-many' as const };
      // After the put: a removal of the member finds the pending key, or this finds no member.
      const member = await readMember(table, request.organizationId, request.userId);
      return member ? undefined : { outcome: 'no-member' as const };
    },
  });
  if (made.outcome !== 'made') return made;
  const { thing } = made;
  if (thing.secretHash === apiKey.secretHash) return { outcome: 'created', apiKey: thing, key: token(id, secret) };
  try {
    const seed = derive(await secretOfVersion(table, 'api-keys', thing.derivedFrom ?? 0));
    return { outcome: 'created', apiKey: thing, key: token(id, secretAt(seed, thing.createdAt)) };
  } catch (error) {
    if (error instanceof RetiredSecret) return { outcome: 'forgotten' };
    throw error;
  }
};

/** Derives a secret from the seed and the time: after a revoked key's history is purged, the same request makes another secret. */
const secretAt = (seed: Buffer, createdAt: number): string =>
  secretText(createHmac('sha256', seed.subarray(0, 32)).update(String(createdAt)).digest());

/** Reads the keys of a member that are neither revoked nor expired, pending ones too. */
const readUnendedKeysOf = async (
  table: Table,
  { organizationId, userId }: Pick<ApiKey, 'organizationId' | 'userId'>,
  now: number,
): Promise<ApiKey[]> => {
  const all = await readAll(table, ranges.apiKeys(organizationId));
  return all.filter((key) => key.userId === userId && isUnendedKey(key, now));
};

/** The result of checking a bearer token: a good key, a key that exists but is not good, or no key at all. */
export type Verified = { outcome: 'good' | KeyFailure; apiKey: ApiKey } | { outcome: 'unknown' };

/**
 * Finds the key of a bearer token, and checks it.
 *
 * `lastUsedAt` is kept to the hour: at most one write per hour and key.
 */
export const verifyApiKey = async (table: Table, bearer: string, now: number): Promise<Verified> => {
  const [, id, organization, secret] = tokenForm.exec(bearer) ?? [];
  if (!id || !secret) return { outcome: 'unknown' };
  const key = keys.apiKey(`org_${organization}`, id);
  const apiKey = await getItem(table, key);
  // Nobody was told the secret of a pending key.
  if (!apiKey || apiKey.pending !== undefined) return { outcome: 'unknown' };
  if (!isSecretOf(secret, apiKey.secretHash)) return { outcome: 'wrong-secret', apiKey };
  if (apiKey.revokedAt !== undefined) return { outcome: 'revoked', apiKey };
  if (apiKey.expiresAt !== null && apiKey.expiresAt <= now) return { outcome: 'expired', apiKey };
  await noteUse(table, key, apiKey, now);
  return { outcome: 'good', apiKey };
};

const isOpen = ({ revokedAt, pending }: ApiKey) => revokedAt === undefined && pending === undefined;

/** Reads an API key that is not revoked, strongly consistent. */
export const readApiKey = async (table: Table, organizationId: string, keyId: string): Promise<ApiKey | undefined> => {
  const apiKey = await getItem(table, keys.apiKey(organizationId, keyId));
  return apiKey && isOpen(apiKey) ? apiKey : undefined;
};

/** Writes when a key was used, once an hour. People read it, so a failure refuses no request. */
const noteUse = async (table: Table, key: Key<ApiKey>, apiKey: ApiKey, now: number): Promise<void> => {
  const hour = now - (now % 3_600_000);
  if ((apiKey.lastUsedAt ?? 0) >= hour) return;
  try {
    await update(table, {
      Key: key,
      UpdateExpression: 'SET lastUsedAt = :hour',
      ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(lastUsedAt) OR lastUsedAt < :hour)',
      ExpressionAttributeValues: { ':hour': hour },
    });
  } catch (error) {
    console.warn('The use of an API key could not be noted', (error as Error).name);
  }
};

/** Reads a page of an organization's keys that are not revoked; with `userId`, only that member's. */
export const listApiKeys = (
  table: Table,
  organizationId: string,
  { limit, after, userId }: PageRequest & { userId?: string },
): Promise<Page<ApiKey>> =>
  readFiltered(
    (position) => readPage(table, ranges.apiKeys(organizationId), { limit: 100, after: position }),
    (items) => items.filter((key) => isOpen(key) && (userId === undefined || key.userId === userId)),
    (key) => keys.apiKey(organizationId, key.id),
    { limit, after, most: 1000 },
  );

/** Reads all keys of an organization that are not revoked, pending ones too, each with the actor of its last write. */
export const readOpenKeys = async (table: Table, organizationId: string): Promise<WithActor<ApiKey>[]> => {
  const found = await readAllWithActor(table, ranges.apiKeys(organizationId));
  return found.filter(({ revokedAt }) => revokedAt === undefined);
};

/**
 * Changes the name of a key, or its maximum of sessions, or both; repeating it is harmless.
 *
 * @returns `missing` if the key is revoked, or never existed
 */
export const changeApiKey = async (
  table: Table,
  organizationId: string,
  keyId: string,
  { name, maxSessions }: { name?: string | undefined; maxSessions?: number | null | undefined },
): Promise<'changed' | 'missing'> => {
  const sets = [
    ...(name === undefined ? [] : ['#name = :name']),
    ...(maxSessions === undefined ? [] : ['maxSessions = :maxSessions']),
  ];
  if (sets.length === 0) return 'changed';
  const { done } = await updateUnderAuthority(table, {
    Key: keys.apiKey(organizationId, keyId),
    UpdateExpression: `SET ${sets.join(', ')}`,
    ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(revokedAt)',
    ExpressionAttributeValues: { ':name': name, ':maxSessions': maxSessions },
  });
  return done ? 'changed' : 'missing';
};

/**
 * Revokes a key; repeating it is harmless.
 *
 * @param options.userId only if the key is this member's
 */
export const revokeApiKey = async (
  table: Table,
  organizationId: string,
  keyId: string,
  { userId, now }: { userId?: string; now: number },
): Promise<'revoked' | 'missing'> => {
  const { done } = await updateUnderAuthority(table, {
    Key: keys.apiKey(organizationId, keyId),
    UpdateExpression: 'SET revokedAt = if_not_exists(revokedAt, :now)',
    ConditionExpression: `attribute_exists(pk)${userId === undefined ? '' : ' AND userId = :userId'}`,
    ExpressionAttributeValues: { ':now': now, ':userId': userId },
  });
  return done ? 'revoked' : 'missing';
};

/** Revokes a key whose right has ended, without the caller's authority. */
export const endApiKey = async (table: Table, organizationId: string, keyId: string, now: number): Promise<void> => {
  await update(table, {
    Key: keys.apiKey(organizationId, keyId),
    UpdateExpression: 'SET revokedAt = :now',
    ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(revokedAt)',
    ExpressionAttributeValues: { ':now': now },
  });
};
