import { generateKeyPairSync, type JsonWebKey, randomBytes } from 'node:crypto';
import { readJson, writePrivateJson } from './json-files.ts';

type Jwk = JsonWebKey & { kid: string };

/**
 * The stand-in for KMS: the Ed25519 keys that sign offline licenses, newest first, as a JSON Web Key Set. They are kept,
 * so that licenses that were issued stay good; missing ones are made.
 *
 * @param count how many there are at least: one more than there were is a new key, and that signs from then on
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
