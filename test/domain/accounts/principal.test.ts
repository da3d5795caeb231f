import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Access, anyMember } from '../../../shared/contracts/operation.ts';
import { Role } from '../../../shared/contracts/schemas/organization.ts';
import {
  appointingRole,
  authorityOf,
  authorize,
  belongsTo,
  callerOf,
  identityOf,
  type Known,
  manages,
  Principal,
} from '../../../shared/domain/accounts/principal.ts';

const roles = Role.options;
const access = (changes: Partial<Extract<Access, { to: 'organization' }>> = {}): Access => ({
  to: 'organization',
  roles: anyMember,
  vendor: false,
  keyScope: 'full',
  ...changes,
});
const user = (memberships: Record<string, Role>, vendor = false): Known => ({
  type: 'user',
  subject: 'sub-1',
  userId: 'usr_1',
  vendor,
  memberships,
});
const key = (scope: 'activate' | 'full', role: Role = 'user'): Known => ({
  type: 'api-key',
  keyId: 'k',
  userId: 'usr_1',
  organizationId: 'org_a',
  role,
  scope,
});
const outcome = (...asked: Parameters<typeof authorize>) => authorize(...asked).outcome;

describe('an operation for anyone', () => {
  it('needs no credential', () => {
    expect(outcome({ to: 'anyone' }, { type: 'nobody' }, undefined)).toBe('allowed');
  });
});

describe('an operation for everybody with a credential', () => {
  it('is for people and API keys', () => {
    for (const known of [user({}), key('activate')])
      expect(authorize({ to: 'known' }, known, undefined)).toEqual({ outcome: 'allowed', known });
    expect(outcome({ to: 'known' }, { type: 'nobody' }, undefined)).toBe('unauthenticated');
  });
});

describe('an operation for the vendor', () => {
  it('is refused to everyone else, whatever their roles', () => {
    expect(outcome({ to: 'vendor' }, user({}, true), undefined)).toBe('allowed');
    expect(outcome({ to: 'vendor' }, user({ org_a: 'owner' }), undefined)).toBe('forbidden');
    expect(outcome({ to: 'vendor' }, key('full', 'owner'), undefined)).toBe('forbidden');
    expect(outcome({ to: 'vendor' }, { type: 'nobody' }, undefined)).toBe('unauthenticated');
  });
});

describe('an operation for signed-in people', () => {
  it('is for all people, members or not, and for no API key', () => {
    for (const person of [user({}), user({ org_a: 'owner' }), user({}, true)])
      expect(authorize({ to: 'signed-in' }, person, undefined)).toEqual({ outcome: 'allowed', person });
    expect(outcome({ to: 'signed-in' }, key('full', 'owner'), undefined)).toBe('forbidden');
    expect(outcome({ to: 'signed-in' }, { type: 'nobody' }, undefined)).toBe('unauthenticated');
  });
});

describe('an operation of an organization', () => {
  it.each(roles)(
    'is allowed to a member with the role %s if the operation lists it, and otherwise forbidden',
    (role) => {
      for (const named of roles)
        expect(outcome(access({ roles: [named] }), user({ org_a: role }), 'org_a')).toBe(
          named === role ? 'allowed' : 'forbidden',
        );
    },
  );
  it('needs a credential', () => {
    expect(outcome(access({ vendor: true }), { type: 'nobody' }, 'org_a')).toBe('unauthenticated');
  });
  it('does not exist for others, whatever they are elsewhere', () => {
    const others = [user({ org_b: 'owner' }), user({}), { ...user({}), userId: undefined } as Principal];
    for (const principal of others) expect(outcome(access(), principal, 'org_a')).toBe('not-found');
    expect(outcome(access(), key('full', 'owner'), 'org_b')).toBe('not-found');
    expect(outcome(access(), user({ org_a: 'owner' }), undefined)).toBe('not-found');
  });
  it('does not take an inherited property of an object for a membership', () => {
    const principal = Principal.parse(user({ org_a: 'owner' }));
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      expect(outcome(access(), principal, name)).toBe('not-found');
  });
  it('is allowed to the vendor only if it says so, and then in every organization', () => {
    expect(outcome(access({ vendor: true }), user({}, true), 'org_a')).toBe('allowed');
    expect(outcome(access({ vendor: false }), user({}, true), 'org_a')).toBe('forbidden');
  });
  it('is allowed to a vendor who is a member if either of the two may call it', () => {
    const both = user({ org_a: 'user' }, true);
    expect(outcome(access({ roles: [], vendor: true }), both, 'org_a')).toBe('allowed');
    expect(outcome(access({ roles: ['user'] }), both, 'org_a')).toBe('allowed');
    expect(outcome(access({ roles: ['owner'] }), both, 'org_a')).toBe('forbidden');
  });
  it('is done as the vendor by a vendor who is a member, if the vendor may', () => {
    const both = user({ org_a: 'owner' }, true);
    for (const named of [[], ['owner']] as const)
      expect(authorize(access({ roles: named, vendor: true }), both, 'org_a')).toEqual({ outcome: 'allowed' });
  });
});

describe('an API key', () => {
  it('of scope `activate` may call the operations of that scope, and of scope `full` those of both', () => {
    expect(outcome(access({ keyScope: 'activate' }), key('activate'), 'org_a')).toBe('allowed');
    expect(outcome(access({ keyScope: 'full' }), key('activate', 'owner'), 'org_a')).toBe('forbidden');
    for (const keyScope of ['activate', 'full'] as const)
      expect(outcome(access({ keyScope }), key('full'), 'org_a')).toBe('allowed');
  });
  it('may call no operation that is for people alone, whatever its scope', () => {
    const forPeople = access({ keyScope: 'none' });
    for (const scope of ['activate', 'full'] as const)
      expect(outcome(forPeople, key(scope, 'owner'), 'org_a')).toBe('forbidden');
    expect(outcome(forPeople, user({ org_a: 'owner' }), 'org_a')).toBe('allowed');
  });
  it('is held to its maximum of sessions, if it has one', () => {
    const caller = { userId: 'usr_1', role: 'user', onlyOwn: false, keyId: 'k' };
    for (const maximum of [{}, { maxSessions: 3 }])
      expect(authorize(access(), { ...key('full'), ...maximum } as Principal, 'org_a')).toStrictEqual({
        outcome: 'allowed',
        caller: { ...caller, ...maximum },
      });
  });
  it('never may more than its member: whatever is allowed to it is allowed to the member', () => {
    fc.assert(
      fc.property(
        fc.subarray([...roles]),
        fc.boolean(),
        fc.constantFrom('activate' as const, 'full' as const),
        fc.constantFrom('activate' as const, 'full' as const),
        fc.constantFrom(...roles),
        fc.constantFrom('org_a', 'org_b'),
        (named, vendor, keyScope, scope, role, organizationId) => {
          const asked = access({ roles: named, vendor, keyScope });
          if (outcome(asked, key(scope, role), organizationId) === 'allowed')
            expect(outcome(asked, user({ org_a: role }), organizationId)).toBe('allowed');
        },
      ),
    );
  });
});

describe('managing the licenses of others', () => {
  it.each(roles)('%s', (role) => {
    const caller = (principal: Principal) => {
      const decision = authorize(access({ keyScope: 'activate' }), principal, 'org_a');
      return decision.outcome === 'allowed' && decision.caller ? manages(decision.caller) : undefined;
    };
    const expected = role === 'owner' || role === 'admin';
    expect(caller(user({ org_a: role }))).toBe(expected);
    expect(caller(key('full', role))).toBe(expected);
    expect(caller(key('activate', role))).toBe(false);
  });
});

describe('a caller', () => {
  const ada = { ...user({ org_a: 'owner', org_b: 'user' }), email: 'ada@acme.example', name: 'Ada' } as Known;
  it('is named in the log by its IDs, without its address or name', () => {
    expect(callerOf({ type: 'nobody' })).toEqual({ type: 'nobody' });
    expect(callerOf(ada)).toEqual({ type: 'user', subject: 'sub-1', userId: 'usr_1', vendor: false });
    expect(callerOf(key('full'))).toEqual({ type: 'api-key', keyId: 'k', userId: 'usr_1' });
  });
  it('learns as whom the service knows it', () => {
    const nothing = { userId: null, email: null, vendor: false, keyId: null, scope: null, memberships: [] };
    expect(identityOf(ada)).toEqual({
      ...nothing,
      type: 'user',
      userId: 'usr_1',
      email: 'ada@acme.example',
      memberships: [
        { organizationId: 'org_a', role: 'owner' },
        { organizationId: 'org_b', role: 'user' },
      ],
    });
    expect(identityOf({ type: 'user', subject: 'sub-2', vendor: true, memberships: {} })).toEqual({
      ...nothing,
      type: 'user',
      vendor: true,
    });
    expect(identityOf(key('activate'))).toEqual({
      ...nothing,
      type: 'api-key',
      userId: 'usr_1',
      keyId: 'k',
      scope: 'activate',
      memberships: [{ organizationId: 'org_a', role: 'user' }],
    });
  });
  it('belongs to the organizations of its memberships, or to that of its key', () => {
    const belong = (principal: Principal) => ['org_a', 'org_b', 'org_c'].filter((id) => belongsTo(principal, id));
    expect(belong(ada)).toEqual(['org_a', 'org_b']);
    expect(belong(key('activate'))).toEqual(['org_a']);
    expect(belong(user({}, true))).toEqual([]);
    expect(belong({ type: 'nobody' })).toEqual([]);
  });
  it('grants power on its membership, and on its key and the maker of the key', () => {
    const caller = { userId: 'usr_1', role: 'admin', onlyOwn: false } as const;
    const membership = { organizationId: 'org_a', userId: 'usr_1', role: 'admin' };
    expect(authorityOf(ada, 'org_a', caller)).toStrictEqual(membership);
    const made = { ...key('full', 'admin'), madeBy: 'usr_2' } as Known;
    expect(authorityOf(made, 'org_a', { ...caller, keyId: 'k' })).toEqual({
      ...membership,
      key: { id: 'k', madeBy: 'usr_2' },
    });
  });
  it('gives and takes roles in its own role, but an owner’s API key as an admin', () => {
    const acting = (keyId?: string) =>
      roles.map((role) => appointingRole({ userId: 'u', role, onlyOwn: false, ...(keyId && { keyId }) }));
    expect(acting()).toEqual(roles);
    expect(acting('k')).toEqual(roles.map((role) => (role === 'owner' ? 'admin' : role)));
  });
});
