import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { OfflineLicenseRefused, type OfflineRefusal } from './problems.ts';

/** The content of a valid license file. */
export interface OfflineLicense {
  readonly id: string;
  readonly organizationId: string | undefined;
  readonly product: string;
  readonly machineId: string;
  readonly userId: string | undefined;
  readonly licenseType: string | undefined;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export interface Expected {
  /** The public keys that you trust: never keys that came with the file. */
  readonly keys: JSONWebKeySet;
  readonly product: string;
  /** This machine's ID, determined on the machine. */
  readonly machineId: string;
  /** The issuer of licenses. Default: `urn:leasehold`. */
  readonly issuer?: string;
  readonly now: Date;
}

/** How far `nbf` may lie ahead, seconds, for clock skew. The expiry has no such grace. */
const clockSkewSeconds = 300;

const refusalOf = (error: unknown): OfflineRefusal => {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad-signature';
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown-key';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'nbf') return 'not-yet-valid';
    if (error.claim === 'iss') return 'wrong-issuer';
    if (error.claim === 'sub') return 'wrong-machine';
  }
  return 'not-a-license';
};

const messages: Readonly<Record<OfflineRefusal, string>> = {
  'no-file': 'There is no license file.',
  'not-a-license': 'The file is no license.',
  'unknown-key': 'The file is signed with a key that is not trusted here. If keys were renewed, fetch them anew.',
  'bad-signature': 'The file was changed: its signature is wrong.',
  'wrong-issuer': 'The license is of another issuer.',
  'wrong-product': 'The license is for another product.',
  'wrong-machine': 'The license is for another machine.',
  'not-yet-valid': 'The license is not valid yet: is the clock of this machine right?',
  expired: 'The license has expired.',
  'clock-set-back': 'The clock of this machine was set back.',
  'in-use': 'Every license of this machine is in use by another process.',
};

export const refused = (reason: OfflineRefusal, cause?: unknown): OfflineLicenseRefused =>
  new OfflineLicenseRefused(reason, messages[reason], { cause });

const payloadOf = async (file: string, { keys, machineId, issuer = 'urn:leasehold', now }: Expected) => {
  const options = {
    algorithms: ['EdDSA'],
    typ: 'leasehold-license+jwt',
    issuer,
    subject: machineId,
    requiredClaims: ['jti', 'iat', 'nbf', 'exp', 'product', 'machineId'],
  };
  const set = createLocalJWKSet(keys);
  const instant = (ms: number) => ({ ...options, currentDate: new Date(ms) });
  try {
    return (await jwtVerify<JWTPayload & Record<string, unknown>>(file.trim(), set, instant(now.getTime()))).payload;
  } catch (error) {
    if (refusalOf(error) !== 'not-yet-valid') throw error;
    // The grace is for the start only.
    const { payload } = await jwtVerify<JWTPayload & Record<string, unknown>>(
      file.trim(),
      set,
      instant(now.getTime() + clockSkewSeconds * 1000),
    );
    return payload;
  }
};

/**
 * Verifies the text of a license file, without a network: signature, machine, product, dates. `seeTime` checks the clock.
 *
 * @throws OfflineLicenseRefused
 */
export const verifyLicense = async (file: string, expected: Expected): Promise<OfflineLicense> => {
  const payload = await payloadOf(file, expected).catch((error: unknown) => {
    throw refused(refusalOf(error), error);
  });
  if (payload.machineId !== expected.machineId) throw refused('wrong-machine');
  if (payload.product !== expected.product) throw refused('wrong-product');
  const text = (claim: string) => (typeof payload[claim] === 'string' ? payload[claim] : undefined);
  return {
    id: payload.jti as string,
    organizationId: text('organizationId'),
    product: expected.product,
    machineId: expected.machineId,
    userId: text('userId'),
    licenseType: text('licenseType'),
    issuedAt: new Date((payload.iat as number) * 1000),
    expiresAt: new Date((payload.exp as number) * 1000),
  };
};
