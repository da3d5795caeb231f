import { randomBytes } from 'node:crypto';
import type { SecretPurpose } from '../../contracts/table-grant.ts';
import { keys, ranges, type StoredSecret } from './keys.ts';
import { getItem, put, readAll, remove, type Table } from './table.ts';

/** One version of a purpose's secret: 32 random bytes. */
export interface PurposeSecret {
  /** 1, 2, …; 0 is the one secret of earlier releases, for all purposes. */
  version: number;
  bytes: Buffer;
  /** Epoch ms; 0 for version 0. */
  createdAt: number;
}

/** An operator retired this version of a purpose's secret. */
export class RetiredSecret extends Error {
  override readonly name = 'RetiredSecret';
  constructor(purpose: SecretPurpose, version: number) {
    super(`Version ${version} of the secret for ${purpose} was retired.`);
  }
}

/** How long an instance caches the versions of a purpose, ms. After this time it uses a new version. */
export const cachedForMs = 60_000;

interface CachedSecrets {
  readAt: number;
  versions: Promise<readonly PurposeSecret[]>;
}
const cache = new WeakMap<Table['client'], Map<string, CachedSecrets>>();

/** Returns the cached versions of a purpose, newest last. A failed read is not cached. */
const versionsOf = (
  table: Table,
  name: string,
  read: () => Promise<readonly PurposeSecret[]>,
  { anew = false } = {},
): Promise<readonly PurposeSecret[]> => {
  const ofClient = cache.get(table.client) ?? new Map<string, CachedSecrets>();
  cache.set(table.client, ofClient);
  const known = ofClient.get(name);
  const now = Date.now();
  if (known && !anew && Math.abs(now - known.readAt) < cachedForMs) return known.versions;
  const next = { readAt: now, versions: read() };
  ofClient.set(name, next);
  next.versions.catch(() => ofClient.get(name) === next && ofClient.delete(name));
  return next.versions;
};

/** Reads all versions of a purpose that were not retired, oldest first, strongly consistent. */
export const readVersions = async (table: Table, purpose: SecretPurpose): Promise<PurposeSecret[]> =>
  (await readAll(table, ranges.secrets(purpose))).map(parsed);

const parsed = ({ version, secret, createdAt }: StoredSecret): PurposeSecret => ({
  version,
  bytes: Buffer.from(secret, 'base64'),
  createdAt,
});

/** Reads version 0: the one secret of earlier releases, if there is one. */
export const readFormerVersions = async (table: Table): Promise<PurposeSecret[]> => {
  const former = await getItem(table, keys.formerSecret());
  return former ? [parsed({ version: 0, createdAt: 0, ...former })] : [];
};

/**
 * Makes a version of a purpose's secret, unless it exists. If several calls make it at once, all return the first.
 *
 * @param bytes the secret; default: random
 */
export const makeVersion = async (
  table: Table,
  purpose: SecretPurpose,
  version: number,
  bytes: Buffer = randomBytes(32),
): Promise<{ made: boolean; secret: PurposeSecret }> => {
  const createdAt = Date.now();
  const { done, item } = await put(table, {
    Item: { ...keys.secret(purpose, version), version, secret: bytes.toString('base64'), createdAt },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  return { made: done, secret: done || !item ? { version, bytes, createdAt } : parsed(item) };
};

/**
 * Makes the first version of a purpose. Names keep the secret of earlier releases, if there is one. So a repeated request
 * gets the same as before.
 */
const makeFirstVersion = async (table: Table, purpose: SecretPurpose): Promise<PurposeSecret> => {
  const [former] = purpose === 'names' ? await readFormerVersions(table) : [];
  return (await makeVersion(table, purpose, 1, former?.bytes)).secret;
};

/** Deletes a version. Its successor stays: a version number is never used again. */
export const deleteVersion = async (table: Table, purpose: SecretPurpose, version: number): Promise<void> => {
  await remove(table, { Key: version === 0 ? keys.formerSecret() : keys.secret(purpose, version) });
};

/** Returns the newest version, for new derivations. The first call of an installation makes the first version. */
export const currentSecret = async (table: Table, purpose: SecretPurpose): Promise<PurposeSecret> => {
  const newest = (await versionsOf(table, purpose, () => readVersions(table, purpose))).at(-1);
  if (newest) return newest;
  const first = versionsOf(table, purpose, async () => [await makeFirstVersion(table, purpose)], { anew: true });
  return (await first)[0] as PurposeSecret;
};

/**
 * Returns the version of an earlier derivation. An instance that does not know the version reads the versions again.
 *
 * @throws RetiredSecret if there is no such version
 */
export const secretOfVersion = async (
  table: Table,
  purpose: SecretPurpose,
  version: number,
): Promise<PurposeSecret> => {
  const read = () => (version === 0 ? readFormerVersions(table) : readVersions(table, purpose));
  const name = version === 0 ? 'former' : purpose;
  const known = await versionsOf(table, name, read);
  const isNew = version > (known.at(-1)?.version ?? 0);
  const versions = isNew ? await versionsOf(table, name, read, { anew: true }) : known;
  const secret = versions.find((one) => one.version === version);
  if (!secret) throw new RetiredSecret(purpose, version);
  return secret;
};
