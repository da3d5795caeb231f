import { generateKeyPairSync, type JsonWebKey, randomBytes } from 'node:crypto';
import { readJson, writePrivateJson } from './json-files.ts';

type Jwk = JsonWebKey & { kid: string };

/**
 * Returns the Ed25519 keys that sign offline licenses, newest first: the stand-in for KMS. Saves them, so that issued licenses
 * stay valid, and generates missing ones.
 *
 * @param count the least number of keys; a higher number adds a key, which signs from then on
 */
export const licenseKeys = (file: string, count: number): { keys: Jwk[] } => {
  const saved = readJson<{ keys: Jwk[] }>(file)?.keys ?? [];
  const missing = Array.from({ length: Math.max(0, count - saved.length) }, makeKey);
  const keys = [...missing, ...saved];
  if (missing.length > 0) writePrivateJson(file, { keys });
  return { keys };
};

const makeKey = (): Jwk => ({
  ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
  kid: randomBytes(8).toString('hex'),
});
