import * as z from 'zod';
import type { Me } from '../../contracts/get-me.ts';
import type { Access } from '../../contracts/operation.ts';
import { KeyScope } from '../../contracts/schemas/api-key.ts';
import { Role } from '../../contracts/schemas/organization.ts';
import type { Authority } from './authority.ts';

/** The caller, identified by the authorizer. The gateway passes it to the functions in its authorizer context. */
export const Principal = z.discriminatedUnion('type', [
  /** A caller without a valid credential. */
  z.object({ type: z.literal('nobody') }),
  z.object({
    type: z.literal('user'),
    /** The subject of the sign-in, from its issuer. */
    subject: z.string(),
    /** The address of the sign-in, in lower case; absent unless the issuer has verified it. */
    email: z.string().optional(),
    /** The person's name, from the issuer. */
    name: z.string().optional(),
    /** Absent for a sign-in without a verified address, or whose address is another sign-in's. */
    userId: z.string().optional(),
    vendor: z.boolean(),
    /** Organization ID → role. */
    memberships: z.record(z.string(), Role),
  }),
  z.object({
    type: z.literal('api-key'),
    keyId: z.string(),
    userId: z.string(),
    organizationId: z.string(),
    role: Role,
    scope: KeyScope,
    /** Whether the key acts as an admin at most, even if its member becomes an owner. */
    belowOwner: z.boolean().optional(),
    /** The member who made the key, if not its own member. */
    madeBy: z.string().optional(),
    /** How many sessions of one product the key may run at once; absent: as many as the product's quota. */
    maxSessions: z.int().optional(),
    /** The rate limits of the organization's keys, if the vendor set any. */
    rate: z.object({ requestsPerSecond: z.int().optional(), requestBurst: z.int().optional() }).optional(),
  }),
]);
export type Principal = z.infer<typeof Principal>;

/** Returns the caller for the log: the key ID or the subject of the sign-in, and the user ID. Never a secret or an email. */
export const callerOf = (
  principal: Principal,
): { type: Principal['type'] } & Record<string, string | boolean | undefined> => {
  switch (principal.type) {
    case 'nobody':
      return { type: 'nobody' };
    case 'user':
      return { type: 'user', subject: principal.subject, userId: principal.userId, vendor: principal.vendor };
    case 'api-key':
      return { type: 'api-key', keyId: principal.keyId, userId: principal.userId };
  }
};

/** A person who signed in. */
export type Person = Extract<Principal, { type: 'user' }>;

/** The caller as a member of the organization in the path. */
export interface Caller {
  userId: string;
  role: Role;
  /** Whether the caller sees and ends only its own activations, whatever its role: true for a key of scope `activate`. */
  onlyOwn: boolean;
  /** The API key of the request. */
  keyId?: string;
  /** How many sessions of one product that key may run at once. */
  maxSessions?: number;
}

/** A caller with a valid credential. */
export type Known = Exclude<Principal, { type: 'nobody' }>;

export type Decision =
  | { outcome: 'allowed'; caller?: Caller; person?: Person; known?: Known }
  | { outcome: 'unauthenticated' }
  /** The organization is not the caller's, or does not exist: the caller must not learn which. */
  | { outcome: 'not-found' }
  | { outcome: 'forbidden' };

/**
 * Decides whether a principal may call an operation.
 *
 * @param organizationId the organization in the path, if the operation has one
 */
export const authorize = (access: Access, principal: Principal, organizationId: string | undefined): Decision => {
  if (access.to === 'anyone') return { outcome: 'allowed' };
  if (principal.type === 'nobody') return { outcome: 'unauthenticated' };
  if (access.to === 'known') return { outcome: 'allowed', known: principal };
  const vendor = principal.type === 'user' && principal.vendor;
  if (access.to === 'vendor') return { outcome: vendor ? 'allowed' : 'forbidden' };
  if (access.to === 'signed-in')
    return principal.type === 'user' ? { outcome: 'allowed', person: principal } : { outcome: 'forbidden' };

  // Also as a member the vendor acts as the vendor here: its own trail has every act of its people.
  if (vendor && access.vendor) return { outcome: 'allowed' };
  const member = memberOf(principal, organizationId);
  if (!member) return { outcome: vendor ? 'forbidden' : 'not-found' };
  const { scope, ...caller } = member;
  if (principal.type === 'api-key' && access.keyScope === 'none') return { outcome: 'forbidden' };
  if (scope === 'activate' && access.keyScope !== 'activate') return { outcome: 'forbidden' };
  return access.roles.includes(member.role) ? { outcome: 'allowed', caller } : { outcome: 'forbidden' };
};

const memberOf = (principal: Known, organizationId: string | undefined): (Caller & { scope: KeyScope }) | undefined => {
  if (organizationId === undefined) return undefined;
  if (principal.type === 'api-key') {
    const { userId, role, scope, keyId, maxSessions } = principal;
    return principal.organizationId === organizationId
      ? { userId, role, scope, onlyOwn: scope === 'activate', keyId, ...(maxSessions !== undefined && { maxSessions }) }
      : undefined;
  }
  // `hasOwn`, since an organization ID such as `constructor` must not find an inherited property.
  const role = Object.hasOwn(principal.memberships, organizationId) ? principal.memberships[organizationId] : undefined;
  return principal.userId && role ? { userId: principal.userId, role, scope: 'full', onlyOwn: false } : undefined;
};

/** Returns the caller as the API shows it to the caller itself. */
export const identityOf = (known: Known): z.input<typeof Me> => ({
  type: known.type,
  userId: known.userId ?? null,
  email: known.type === 'user' ? (known.email ?? null) : null,
  vendor: known.type === 'user' && known.vendor,
  keyId: known.type === 'api-key' ? known.keyId : null,
  scope: known.type === 'api-key' ? known.scope : null,
  memberships:
    known.type === 'api-key'
      ? [{ organizationId: known.organizationId, role: known.role }]
      : Object.entries(known.memberships).map(([organizationId, role]) => ({ organizationId, role })),
});

/** Returns whether a principal is a member of an organization, or an API key of a member. */
export const belongsTo = (principal: Principal, organizationId: string | undefined): boolean =>
  principal.type !== 'nobody' && memberOf(principal, organizationId) !== undefined;

/** Returns the authority on which a member of an organization calls. */
export const authorityOf = (
  principal: Principal,
  organizationId: string,
  { userId, role, keyId }: Caller,
): Authority => ({
  organizationId,
  userId,
  role,
  ...(principal.type === 'api-key' && keyId !== undefined && { key: { id: keyId, madeBy: principal.madeBy } }),
});

/**
 * Returns the role that counts when a caller gives or takes roles. An API key never makes, changes or removes an owner, even
 * if its member is an owner: a leaked key must not give the organization away.
 */
export const appointingRole = ({ role, keyId }: Caller): Role =>
  keyId !== undefined && role === 'owner' ? 'admin' : role;

/** Returns whether the caller manages the licenses of others: it is an owner or admin, and not a key of scope `activate`. */
export const manages = (caller: Caller): boolean =>
  !caller.onlyOwn && (caller.role === 'owner' || caller.role === 'admin');
