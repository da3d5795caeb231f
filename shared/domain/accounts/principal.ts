import * as z from 'zod';
import type { Access } from '../../contracts/operation.ts';
import { KeyScope } from '../../contracts/schemas/api-key.ts';
import { Role } from '../../contracts/schemas/organization.ts';
import type { Authority } from './authority.ts';

/** Who calls, as the authorizer found out. It travels to the functions in the gateway's authorizer context. */
export const Principal = z.discriminatedUnion('type', [
  /** No credential, or none that is valid. */
  z.object({ type: z.literal('nobody') }),
  z.object({
    type: z.literal('user'),
    /** Of the sign-in, as its issuer names it. */
    subject: z.string(),
    /** Of the sign-in, in lower case; absent unless its issuer says that it is verified. */
    email: z.string().optional(),
    /** As the issuer calls the person. */
    name: z.string().optional(),
    /** Absent while the person is known to no organization. */
    userId: z.string().optional(),
    vendor: z.boolean(),
    /** Organization id → role. */
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
    /** How many sessions of one product may run by the key at once; absent: as many as the product's quota. */
    maxSessions: z.int().optional(),
    /** The rate of its organization's keys, where the vendor set one. */
    rate: z.object({ requestsPerSecond: z.int().optional(), requestBurst: z.int().optional() }).optional(),
  }),
]);
export type Principal = z.infer<typeof Principal>;

/** Returns the caller for the log: the ID of the key or the subject of the sign-in, and the user. Never a secret or an email. */
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

/** The caller as a member of the organization that it asks about. */
export interface Caller {
  userId: string;
  role: Role;
  /** Whether it may see and end only what is its own, whatever its role: an API key for activating. */
  onlyOwn: boolean;
  /** The API key of the request. */
  keyId?: string;
  /** How many sessions of one product may run by that key at once. */
  maxSessions?: number;
}

export type Decision =
  | { outcome: 'allowed'; caller?: Caller; person?: Person }
  | { outcome: 'unauthenticated' }
  /** Of another organization, or of none: the caller is not to know whether it exists. */
  | { outcome: 'not-found' }
  | { outcome: 'forbidden' };

/**
 * Whether a principal may call an operation.
 *
 * @param organizationId the organization in the path, if the operation has one
 */
export const authorize = (access: Access, principal: Principal, organizationId: string | undefined): Decision => {
  if (access.to === 'anyone') return { outcome: 'allowed' };
  if (principal.type === 'nobody') return { outcome: 'unauthenticated' };
  const vendor = principal.type === 'user' && principal.vendor;
  if (access.to === 'vendor') return { outcome: vendor ? 'allowed' : 'forbidden' };
  if (access.to === 'signed-in')
    return principal.type === 'user' ? { outcome: 'allowed', person: principal } : { outcome: 'forbidden' };

  const member = memberOf(principal, organizationId);
  if (!member) {
    if (!vendor) return { outcome: 'not-found' };
    return { outcome: access.vendor ? 'allowed' : 'forbidden' };
  }
  const { scope, ...caller } = member;
  if (vendor && access.vendor) return { outcome: 'allowed', caller };
  if (principal.type === 'api-key' && access.keyScope === 'none') return { outcome: 'forbidden' };
  if (scope === 'activate' && access.keyScope !== 'activate') return { outcome: 'forbidden' };
  return access.roles.includes(member.role) ? { outcome: 'allowed', caller } : { outcome: 'forbidden' };
};

const memberOf = (
  principal: Exclude<Principal, { type: 'nobody' }>,
  organizationId: string | undefined,
): (Caller & { scope: KeyScope }) | undefined => {
  if (organizationId === undefined) return undefined;
  if (principal.type === 'api-key') {
    const { userId, role, scope, keyId, maxSessions } = principal;
    return principal.organizationId === organizationId
      ? { userId, role, scope, onlyOwn: scope === 'activate', keyId, ...(maxSessions !== undefined && { maxSessions }) }
      : undefined;
  }
  // `constructor` is no organization, though every object has one.
  const role = Object.hasOwn(principal.memberships, organizationId) ? principal.memberships[organizationId] : undefined;
  return principal.userId && role ? { userId: principal.userId, role, scope: 'full', onlyOwn: false } : undefined;
};

/** Whether a caller belongs to an organization, as a member or as a key of one. */
export const belongsTo = (principal: Principal, organizationId: string | undefined): boolean =>
  principal.type !== 'nobody' && memberOf(principal, organizationId) !== undefined;

/** Returns the authority of an organization's member who calls as this principal. */
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
 * Returns the role in which a caller gives roles and takes them away. An API key makes, changes and removes no owner, even
 * if its member is one: a leaked key can't hand the organization over.
 */
export const appointingRole = ({ role, keyId }: Caller): Role =>
  keyId !== undefined && role === 'owner' ? 'admin' : role;

/** Whether the caller manages the licenses of others: an owner or admin. */
export const manages = (caller: Caller): boolean =>
  !caller.onlyOwn && (caller.role === 'owner' || caller.role === 'admin');
