import type { YourOrganization } from '../../client/index.ts';

/** A member's, or null: the vendor's. */
export type Role = YourOrganization['role'];

/** What the page offers by role keeps from offering what the service would refuse: the service decides. */
export const seesFigures = (role: Role): boolean => role !== 'user';

export const managesLicenses = (role: Role): boolean => role === 'owner' || role === 'admin';

/** Owners are managed by owners alone. `of`: the role of whom it is done to. */
export const managesMember = (role: Role, of: Role): boolean =>
  role === 'owner' || (role === 'admin' && of !== 'owner');

/** The vendor is a member of none: it sees no organization's people. */
export const isMember = (role: Role): boolean => role !== null;

export const isVendor = (role: Role): boolean => role === null;

/** A role as people call it. */
export const roleName = (role: Role): string => (role === null ? 'vendor' : role.replace('-', ' '));

/** Whom something is offered to: `owners, admins and billing managers`. */
export const rolesWith = (isAllowed: (role: Role) => boolean): string =>
  new Intl.ListFormat('en').format(
    (['owner', 'admin', 'billing-manager', 'user'] as const).filter(isAllowed).map((role) => `${roleName(role)}s`),
  );
