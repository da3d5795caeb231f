/** Signs with one key. The key itself may be out of reach, in KMS. */
export interface Signer {
  /** The ID of the key, by which a verifier finds the public key. */
  kid: string;
  /** Returns the Ed25519 signature of some bytes (RFC 8032): 64 bytes. */
  sign: (bytes: Uint8Array) => Promise<Uint8Array>;
}

const base64url = (text: string) => Buffer.from(text).toString('base64url');

/**
 * Returns the claims as a signed JWS in compact form (RFC 7515, section 7.1), with EdDSA (RFC 8037).
 *
 * @param typ the kind of token, so that a token of another kind is not accepted instead (RFC 8725, section 3.11)
 */
export const signCompact = async (signer: Signer, typ: string, claims: object): Promise<string> => {
  const header = { alg: 'EdDSA', typ, kid: signer.kid };
  const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  const signature = await signer.sign(Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
};
