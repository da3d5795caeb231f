import { describe, expect, it } from 'vitest';
import { type ApiKey, isGoodKey, isUnendedKey, makerOf } from '../../../shared/domain/accounts/api-key.ts';

const key = (changes: Partial<ApiKey> = {}): ApiKey => ({
  id: 'k',
  organizationId: 'org_a',
  userId: 'usr_ada',
  name: 'builds',
  scope: 'activate',
  createdAt: 0,
  expiresAt: null,
  secretHash: 'h',
  ...changes,
});

describe('an API key', () => {
  it.each([
    ['without an expiry', {}, true],
    ['just before its expiry', { expiresAt: 101 }, true],
    ['at its expiry', { expiresAt: 100 }, false],
    ['after its expiry', { expiresAt: 99 }, false],
    ['revoked', { revokedAt: 50 }, false],
    ['revoked before its expiry', { revokedAt: 50, expiresAt: 200 }, false],
  ])('%s: %j may be used: %s', (_, changes, good) => {
    expect([isGoodKey(key(changes), 100), isUnendedKey(key(changes), 100)]).toEqual([good, good]);
  });
  it('whose making is not complete counts as a key, and authenticates nobody', () => {
    expect([isUnendedKey(key({ pending: 'p' }), 100), isGoodKey(key({ pending: 'p' }), 100)]).toEqual([true, false]);
  });
  it('was made by its own member if it does not say by whom', () => {
    expect([key(), key({ createdBy: 'usr_bob' })].map(makerOf)).toEqual(['usr_ada', 'usr_bob']);
  });
});
