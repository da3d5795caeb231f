/** Signs with one key, which may never leave where it is kept. */
export interface Signer {
  /** The key's name, by which a verifier finds its public part. */
  kid: string;
  /** The Ed25519 signature of some bytes (RFC 8032): 64 bytes. */
  sign: (bytes: Uint8Array) => Promise<Uint8Array>;
}

const base64url = (text: string) => Buffer.from(text).toString('base64url');

/**
 * Signs claims: a JWS in its compact form (RFC 7515, section 7.1), EdDSA (RFC 8037).
 *
 * @param typ what kind of token it is, so that no other kind passes for it (RFC 8725, section 3.11)
 */
export const signCompact = async (signer: Signer, typ: string, claims: object): Promise<string> => {
  const header = { alg: 'EdDSA', typ, kid: signer.kid };
  const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  const signature = await signer.sign(Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
};
