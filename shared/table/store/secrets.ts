import { createHash, timingSafeEqual } from 'node:crypto';

/** 256 bits, without characters that need escaping anywhere. */
export const secretText = (bytes: Buffer): string =>
  bytes.toString('base64url').replaceAll('-', 'A').replaceAll('_', 'B');

/** What is kept of a secret. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Whether a secret is the one of which this hash was kept. */
export const isSecretOf = (secret: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(hash));

/** An id's 26 characters from at least 17 bytes: as long as a ULID, and as random as the bytes. */
export const base36 = (bytes: Buffer): string =>
  BigInt(`0x${bytes.toString('hex')}`)
    .toString(36)
    .padStart(26, '0')
    .slice(-26);
