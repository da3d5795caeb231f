import { describe, expect, it } from 'vitest';
import { Role } from '../../../shared/contracts/schemas/organization.ts';
import {
  appointersOf,
  isAtLeast,
  mayAppoint,
  mayMakeKeysFor,
  roleOfKey,
} from '../../../shared/domain/accounts/membership.ts';

const roles = [undefined, ...Role.options];
const changes = roles.flatMap((from) => roles.map((to) => [from, to] as const));

it.each(changes)(
  'a role changes from %s to %s: an owner may do it, an admin only if no owner is concerned',
  (from, to) => {
    expect(mayAppoint('owner', { from, to })).toBe(true);
    expect(mayAppoint('admin', { from, to })).toBe(![from, to].includes('owner'));
  },
);

it('owners invite everybody, and admins everybody but owners', () => {
  expect(Role.options.filter((role) => appointersOf(role).includes('owner'))).toEqual(Role.options);
  expect(Role.options.filter((role) => appointersOf(role).includes('admin'))).toEqual(
    Role.options.filter((role) => role !== 'owner'),
  );
});

it('a role has all rights of the roles below it', () => {
  const byRights = ['user', 'billing-manager', 'admin', 'owner'] as const;
  for (const [has, role] of byRights.entries())
    expect(byRights.filter((least) => isAtLeast(role, least))).toEqual(byRights.slice(0, has + 1));
});

describe('API keys for another member', () => {
  it('are made by owners, and by admins but for owners', () => {
    for (const by of roles)
      for (const of of roles)
        expect(mayMakeKeysFor(by, of), `${by} for ${of}`).toBe(by === 'owner' || (by === 'admin' && of !== 'owner'));
  });
  it('have no rights left once their maker is no owner or admin', () => {
    for (const role of [undefined, 'user', 'billing-manager'] as const)
      for (const of of roles) expect(roleOfKey(of, { maker: { role } })).toBeUndefined();
  });
  it('act in the role of their member, but as an owner only if an owner made them', () => {
    for (const of of roles) {
      const atMostAdmin = of === 'owner' ? 'admin' : of;
      expect(roleOfKey(of, {})).toBe(of);
      expect(roleOfKey(of, { maker: { role: 'owner' } })).toBe(of);
      expect(roleOfKey(of, { maker: { role: 'admin' } })).toBe(atMostAdmin);
      expect(roleOfKey(of, { belowOwner: true })).toBe(atMostAdmin);
      expect(roleOfKey(of, { belowOwner: true, maker: { role: 'owner' } })).toBe(atMostAdmin);
    }
  });
});
