import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { Signer } from './jws.ts';

let opened: KMSClient | undefined;
const client = () => {
  opened ??= new KMSClient({
    maxAttempts: 4,
    requestHandler: { requestTimeout: 2000, throwOnRequestTimeout: true, connectionTimeout: 1000 },
  });
  return opened;
};

/** Returns the `kid` of a KMS key: its key ID, the end of its ARN. */
export const kidOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** Returns a signer that signs with a KMS key. The private key never leaves KMS. */
export const kmsSigner = (arn: string): Signer => ({
  kid: kidOf(arn),
  sign: async (Message) => {
    const { Signature } = await client().send(
      new SignCommand({ KeyId: arn, Message, MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512' }),
    );
    if (Signature?.length !== 64) throw new Error(`KMS returned no Ed25519 signature for ${arn}`);
    return Signature;
  },
});

/** Returns the public key of a KMS key, as a JWK. */
export const kmsPublicKey = async (arn: string): Promise<JsonWebKey> => {
  const { PublicKey } = await client().send(new GetPublicKeyCommand({ KeyId: arn }));
  if (!PublicKey) throw new Error(`KMS returned no public key for ${arn}`);
  return createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' }).export({ format: 'jwk' });
};
