import { expect, it } from 'vitest';
import { Role } from '../../../shared/contracts/schemas/organization.ts';
import { mayAppoint } from '../../../shared/domain/accounts/membership.ts';

const roles = [undefined, ...Role.options];
const changes = roles.flatMap((from) => roles.map((to) => [from, to] as const));

it.each(changes)(
  'a role changes from %s to %s: an owner may do it, an admin only if no owner is concerned',
  (from, to) => {
    expect(mayAppoint('owner', { from, to })).toBe(true);
    expect(mayAppoint('admin', { from, to })).toBe(![from, to].includes('owner'));
  },
);
