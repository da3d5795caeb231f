import type { YourOrganization } from '../../client/index.ts';

/** A member's role; null for the vendor. */
export type Role = YourOrganization['role'];

/** The page hides what the service would refuse to a role; the service decides. */
export const seesFigures = (role: Role): boolean => role !== 'user';

export const managesLicenses = (role: Role): boolean => role === 'owner' || role === 'admin';

/** Returns whether a role manages a member of the role `of`. Only owners manage owners. */
export const managesMember = (role: Role, of: Role): boolean =>
  role === 'owner' || (role === 'admin' && of !== 'owner');

/** Returns whether the user is a member. The vendor is not: it sees no organization's people. */
export const isMember = (role: Role): boolean => role !== null;

export const isVendor = (role: Role): boolean => role === null;

export const roleName = (role: Role): string => (role === null ? 'vendor' : role.replace('-', ' '));

/** Returns the roles that pass a check: `owners, admins and billing managers`. */
export const rolesWith = (isAllowed: (role: Role) => boolean): string =>
  new Intl.ListFormat('en').format(
    (['owner', 'admin', 'billing-manager', 'user'] as const).filter(isAllowed).map((role) => `${roleName(role)}s`),
  );
