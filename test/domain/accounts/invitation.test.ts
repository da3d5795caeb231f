import { describe, expect, it } from 'vitest';
import { type Invitation, isOpenInvitation, isUnendedInvitation } from '../../../shared/domain/accounts/invitation.ts';

const invitation = (changes: Partial<Invitation>): Invitation => ({
  id: 'i',
  organizationId: 'org_a',
  email: 'ada@acme.example',
  role: 'user',
  invitedAt: 0,
  expiresAt: 100,
  invitedBy: 'usr_bob',
  nonce: 'n',
  secretHash: 'h',
  ...changes,
});

describe('an invitation', () => {
  it.each([
    ['before its expiry', {}, 99, true],
    ['at its expiry', {}, 100, false],
    ['revoked', { revokedAt: 50 }, 60, false],
    ['accepted', { acceptedBy: 'usr_ada' }, 60, false],
  ])('%s: %j at %d may be accepted: %s', (_, changes, now, open) => {
    expect([isOpenInvitation(invitation(changes), now), isUnendedInvitation(invitation(changes), now)]).toEqual([
      open,
      open,
    ]);
  });
  it('whose making is not complete counts, and lets nobody in', () => {
    const pending = invitation({ pending: 'p' });
    expect([isUnendedInvitation(pending, 50), isOpenInvitation(pending, 50)]).toEqual([true, false]);
  });
});
