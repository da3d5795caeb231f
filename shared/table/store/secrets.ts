import { createHash, timingSafeEqual } from 'node:crypto';

/** Returns a secret as letters and digits, which need no escaping anywhere. */
export const secretText = (bytes: Buffer): string =>
  bytes.toString('base64url').replaceAll('-', 'A').replaceAll('_', 'B');

/** Returns the stored form of a secret. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Returns whether a secret has a stored hash. */
export const isSecretOf = (secret: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(hash));

/** Returns the 26 characters of an ID from at least 17 bytes: as long as a ULID, and as random as the bytes. */
export const base36 = (bytes: Buffer): string =>
  BigInt(`0x${bytes.toString('hex')}`)
    .toString(36)
    .padStart(26, '0')
    .slice(-26);
