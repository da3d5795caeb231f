import { createPrivateKey, type JsonWebKey, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { signingConfig } from '../config.ts';
import { PublicKey } from '../contracts/jwks.ts';
import type { Signer } from './jws.ts';
import { kidOf, kmsPublicKey, kmsSigner } from './kms.ts';

/** A private key in the environment itself, for the local stack and the tests. */
type OwnKey = JsonWebKey & { kid: string };
const ownKeys = (jwks: string): OwnKey[] => JSON.parse(jwks).keys;

const ed25519 = promisify<null, Uint8Array, ReturnType<typeof createPrivateKey>, Buffer>(sign);

const ownSigner = (key: OwnKey): Signer => {
  const privateKey = createPrivateKey({ key, format: 'jwk' });
  return { kid: key.kid, sign: (bytes) => ed25519(null, bytes, privateKey) };
};

const openSigner = (): Signer => {
  const { SIGNING_KMS_KEYS: [arn] = [], SIGNING_JWKS: jwks } = signingConfig();
  return jwks === undefined ? kmsSigner(arn as string) : ownSigner(ownKeys(jwks)[0] as OwnKey);
};

let cachedSigner: Signer | undefined;

/** Returns the signer of offline licenses. It signs with the first key that the environment names. */
export const licenseSigner = (): Signer => {
  cachedSigner ??= openSigner();
  return cachedSigner;
};

/** Returns a key as verifiers need it. The schema drops the private part. */
const toPublicKey = (key: JsonWebKey, kid: string): PublicKey =>
  PublicKey.parse({ ...key, kid, alg: 'EdDSA', use: 'sig' });

const readPublicKeys = (): Promise<PublicKey[]> => {
  const { SIGNING_KMS_KEYS: arns = [], SIGNING_JWKS: jwks } = signingConfig();
  if (jwks !== undefined) return Promise.resolve(ownKeys(jwks).map((key) => toPublicKey(key, key.kid)));
  return Promise.all(arns.map(async (arn) => toPublicKey(await kmsPublicKey(arn), kidOf(arn))));
};

let cachedKeys: Promise<PublicKey[]> | undefined;

/** Returns the public keys of all keys that sign, signed or will sign offline licenses. Reads them once. */
export const licenseKeys = (): Promise<PublicKey[]> => {
  const reading = cachedKeys ?? readPublicKeys();
  cachedKeys = reading;
  reading.catch(() => {
    cachedKeys = undefined;
  });
  return reading;
};
