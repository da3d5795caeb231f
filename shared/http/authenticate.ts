import { JwtVerifier } from 'aws-jwt-verify';
import { FetchError, JwksValidationError } from 'aws-jwt-verify/error';
import { identityConfig } from '../config.ts';
import type { Limits } from '../contracts/schemas/limits.ts';
import { Email } from '../contracts/schemas/organization.ts';
import { Text } from '../contracts/schemas/primitives.ts';
import { makerOf } from '../domain/accounts/api-key.ts';
import { roleOfKey } from '../domain/accounts/membership.ts';
import type { Principal } from '../domain/accounts/principal.ts';
import { verifyApiKey } from '../table/accounts/api-keys.ts';
import { userOf } from '../table/accounts/identities.ts';
import { readOrganization } from '../table/accounts/organizations.ts';
import { countInTally } from '../table/history/tallies.ts';
import { readMemberships, readRole } from '../table/items/members.ts';
import type { Table } from '../table/store/table.ts';

const nobody: Principal = { type: 'nobody' };

/**
 * Finds out who sent an `Authorization` header: a token of the configured OpenID Connect issuer, or an API key.
 * An invalid credential gives `nobody`; only failures of the service throw. The audit trail counts uses of a known but
 * invalid key.
 *
 * @param request.source the address of the sender
 */
export const authenticate = async (
  table: Table,
  { authorization, source }: { authorization: string | undefined; source: string | undefined },
  now: number,
): Promise<Principal> => {
  const bearer = /^Bearer +([^\s]{1,8192})$/i.exec(authorization ?? '')?.[1];
  if (!bearer) return nobody;
  return bearer.startsWith('lh_')
    ? authenticateApiKey(table, bearer, { source, now })
    : authenticateToken(table, bearer, now);
};

const authenticateApiKey = async (
  table: Table,
  bearer: string,
  { source, now }: { source: string | undefined; now: number },
): Promise<Principal> => {
  const verified = await verifyApiKey(table, bearer, now);
  if (verified.outcome === 'unknown') return nobody;
  const { id: keyId, organizationId, userId, scope, belowOwner } = verified.apiKey;
  const maxSessions = verified.apiKey.maxSessions ?? undefined;
  if (verified.outcome !== 'good') {
    await countInTally(
      table,
      organizationId,
      { kind: 'authentication', keyId, reason: verified.outcome, source },
      now,
    ).catch(
      // The answer stays the same; only the trail misses a count.
      (error: Error) => console.warn('A failed authentication could not be noted', error.name),
    );
    return nobody;
  }
  const madeBy = makerOf(verified.apiKey) === userId ? undefined : makerOf(verified.apiKey);
  const [ofMember, ofMaker, organization] = await Promise.all([
    readRole(table, organizationId, userId),
    madeBy === undefined ? undefined : readRole(table, organizationId, madeBy),
    readOrganization(table, organizationId),
  ]);
  const role = roleOfKey(ofMember, { belowOwner, ...(madeBy !== undefined && { maker: { role: ofMaker } }) });
  const rate = setRate(organization?.limits);
  if (!role) return nobody;
  return { type: 'api-key', keyId, organizationId, userId, role, scope, belowOwner, madeBy, maxSessions, rate };
};

/** Returns the rate that the vendor set, if any: the defaults need not travel with each request. */
const setRate = ({ requestsPerSecond, requestBurst }: Partial<Limits> = {}) =>
  requestsPerSecond === undefined && requestBurst === undefined ? undefined : { requestsPerSecond, requestBurst };

const authenticateToken = async (table: Table, token: string, now: number): Promise<Principal> => {
  const claims = await verifyToken(token);
  if (!claims || !hasValidTimes(claims, now)) return nobody;
  // A token needs a subject: OpenID Connect gives it 1 to 255 characters.
  if (typeof claims.sub !== 'string' || !/^.{1,255}$/s.test(claims.sub)) return nobody;
  const groups = claims[identityConfig().OIDC_GROUPS_CLAIM];
  const vendor = Array.isArray(groups) && groups.includes(identityConfig().VENDOR_GROUP);
  const { sub: subject } = claims;
  const verified = claims.email_verified === true || claims.email_verified === 'true';
  // Normalized as in memberships and invitations. Lower case alone would merge two addresses: `\u212a` becomes `k`.
  const email = verified ? Email.safeParse(claims.email).data : undefined;
  const name = Text.max(200).safeParse(claims.name).data;
  const userId = await userOf(table, { subject, email, name });
  const memberships = userId ? await readMemberships(table, userId) : {};
  return { type: 'user', subject, email, name, userId, vendor, memberships };
};

/** How much the issuer's clock may differ, seconds. */
const leeway = 300;

/**
 * Returns whether a token has an end, and possible times: an end no later than the service accepts, and no issue or start in
 * the future. The verifier has already checked that the token has not ended.
 */
const hasValidTimes = ({ exp, iat, nbf }: Record<string, unknown>, now: number): boolean => {
  const isBy = (time: unknown, latest: number) => typeof time === 'number' && time >= 0 && time <= latest + leeway;
  const seconds = now / 1000;
  return (
    isBy(exp, seconds + identityConfig().OIDC_MAX_TOKEN_SECONDS) &&
    (iat === undefined || isBy(iat, seconds)) &&
    (nbf === undefined || isBy(nbf, seconds))
  );
};

let verifier: ReturnType<typeof makeVerifier> | undefined;

const makeVerifier = () => {
  const config = identityConfig();
  const made = JwtVerifier.create({
    issuer: config.OIDC_ISSUER,
    audience: config.OIDC_AUDIENCE,
    ...(config.OIDC_JWKS_URI && { jwksUri: config.OIDC_JWKS_URI }),
  });
  if (config.OIDC_JWKS) made.cacheJwks(JSON.parse(config.OIDC_JWKS));
  return made;
};

const verifyToken = async (token: string): Promise<Record<string, unknown> | undefined> => {
  verifier ??= makeVerifier();
  try {
    return await verifier.verify(token);
  } catch (error) {
    // The issuer's keys are unavailable: a failure of the service.
    if (error instanceof FetchError || error instanceof JwksValidationError) throw error;
    // All other errors are the token's, also Node's own for a signature of the wrong length.
    return undefined;
  }
};
