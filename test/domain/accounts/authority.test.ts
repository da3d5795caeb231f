import { describe, expect, it } from 'vitest';
import { LostAuthority, lostOfMembership } from '../../../shared/domain/accounts/authority.ts';
import { presentMember } from '../../../shared/domain/accounts/member.ts';

const ada = { userId: 'usr_ada', email: 'ada@acme.example', name: 'Ada', role: 'admin', joinedAt: 0 } as const;

describe('the right on which a caller grants power', () => {
  it.each([
    [ada, 'user', undefined],
    [ada, 'billing-manager', undefined],
    [ada, 'admin', undefined],
    [ada, 'owner', 'role'],
    [{ ...ada, role: 'billing-manager' }, 'admin', 'role'],
    [{ ...ada, role: 'user' }, 'billing-manager', 'role'],
    [undefined, 'user', 'membership'],
  ] as const)('of %j, who needs to be %s: lost is %s', (member, role, lost) => {
    expect(lostOfMembership(member, role)).toBe(lost);
  });
  it('ends with the removal of the member', () => {
    const removed = { ...ada, removedAt: 7 };
    expect([ada, removed, undefined].map(presentMember)).toEqual([ada, undefined, undefined]);
  });
  it('is named by the error of its loss', () => {
    const error = new LostAuthority('key');
    expect(`${error} (${error.lost})`).toBe("LostAuthority: The caller's key has ended or changed (key)");
  });
});
