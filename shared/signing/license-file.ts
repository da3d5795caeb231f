import { signingConfig } from '../config.ts';
import { licenseClaims, type OfflineLicense } from '../domain/offline.ts';
import { signCompact } from './jws.ts';
import { licenseSigner } from './keys.ts';

/** The `typ` of license files. `docs/offline-licenses.md` has every claim. */
const typ = 'leasehold-license+jwt';

/** Returns the signed file of an offline license, a JWS in compact form. */
export const signLicense = (
  pool: { organizationId: string; product: string },
  license: OfflineLicense,
): Promise<string> => signCompact(licenseSigner(), typ, licenseClaims(pool, license, signingConfig().LICENSE_ISSUER));
