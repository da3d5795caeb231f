import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';

/**
 * Verifies the file of an offline license. Throws if it is not good here and now.
 *
 * @param latestSeen the latest time that this machine is known to have had: the clock may have been set back
 */
export const verifyLicense = async (
  file: string,
  keys: JSONWebKeySet,
  { product, machineId, now, latestSeen }: { product: string; machineId: string; now: Date; latestSeen: Date },
) => {
  const { payload } = await jwtVerify(file.trim(), createLocalJWKSet(keys), {
    algorithms: ['EdDSA'],
    typ: 'leasehold-license+jwt',
    issuer: 'urn:leasehold',
    subject: machineId,
    requiredClaims: ['jti', 'iat', 'nbf', 'exp', 'product', 'machineId'],
    currentDate: now,
  });
  if (payload.product !== product || payload.machineId !== machineId)
    throw new Error('This license is for another product or machine.');
  if (now.getTime() < latestSeen.getTime() - 3_600_000) throw new Error('The clock of this machine was set back.');
  return payload;
};
