import type { Organization } from '../service/client.tsx';

type Role = Organization['role'];

/** What the page offers, by role. The service decides; these only keep from offering what it would refuse. */
export const managesLicenses = (role: Role): boolean => role === 'owner' || role === 'admin';
export const seesFigures = (role: Role): boolean => role !== 'user';

/** A role as people call it. */
export const roleName = (role: Role): string => (role === null ? 'vendor' : role.replace('-', ' '));
