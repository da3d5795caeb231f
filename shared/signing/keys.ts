import { createPrivateKey, type JsonWebKey, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { signingConfig } from '../config.ts';
import { PublicKey } from '../contracts/jwks.ts';
import type { Signer } from './jws.ts';
import { kidOf, kmsPublicKey, kmsSigner } from './kms.ts';

/** A key that the environment itself holds: a stack on one machine, or a test. */
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

let current: Signer | undefined;

/** The signer of offline licenses: the first of the keys that the environment names. */
export const licenseSigner = (): Signer => {
  current ??= openSigner();
  return current;
};

/** What a verifier needs of a key, and nothing of its private part. */
const published = (key: JsonWebKey, kid: string): PublicKey =>
  PublicKey.parse({ ...key, kid, alg: 'EdDSA', use: 'sig' });

const readPublicKeys = (): Promise<PublicKey[]> => {
  const { SIGNING_KMS_KEYS: arns = [], SIGNING_JWKS: jwks } = signingConfig();
  if (jwks !== undefined) return Promise.resolve(ownKeys(jwks).map((key) => published(key, key.kid)));
  return Promise.all(arns.map(async (arn) => published(await kmsPublicKey(arn), kidOf(arn))));
};

let known: Promise<PublicKey[]> | undefined;

/** The public parts of all the keys that sign, signed or will sign offline licenses. Read once. */
export const licenseKeys = (): Promise<PublicKey[]> => {
  const reading = known ?? readPublicKeys();
  known = reading;
  reading.catch(() => {
    known = undefined;
  });
  return reading;
};
