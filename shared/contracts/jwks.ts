import * as z from 'zod';
import { operation } from './operation.ts';

/** A public key that verifies offline licenses (RFC 7517, RFC 8037). */
export const PublicKey = z
  .object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string(),
    kid: z.string(),
    alg: z.literal('EdDSA'),
    use: z.literal('sig'),
  })
  .meta({ id: 'PublicKey' });
export type PublicKey = z.infer<typeof PublicKey>;

export const jwks = operation({
  name: 'jwks',
  method: 'GET',
  path: '/.well-known/jwks.json',
  tag: 'Service',
  summary: 'The keys that offline licenses are verified with',
  description: 'A JSON Web Key Set: the key that signs now, and those that signed before.',
  access: { to: 'anyone' },
  answers: {
    200: {
      description: 'The keys.',
      mediaType: 'application/jwk-set+json',
      body: z.object({ keys: z.array(PublicKey) }),
      maxAge: 3600,
    },
  },
  table: {},
  signingKeys: 'publish',
  impact: 'Software that does not have the keys yet cannot verify offline licenses.',
});
