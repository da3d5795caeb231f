import { describe, expect, it } from 'vitest';
import { actorOf, actorParts, briefActor, isThroughKey, keyOfActor } from '../../../shared/domain/accounts/actor.ts';

const keyId = '01m8j9drt0dbgees7amtej4fqz01m8j9dsy7xfy8yadjvszemad0';
const used = `api-key#${keyId}#usr_ada` as const;

describe('the actor that a seat has', () => {
  it('tells the API key, as the full actor of an earlier release does', () => {
    for (const actor of [used, briefActor(used)]) {
      expect(isThroughKey(actor, keyId)).toBe(true);
      expect(isThroughKey(actor, keyId.replace(/0$/, '1'))).toBe(false);
    }
  });
  it.each(['user#usr_ada', 'vendor#sub', 'service#schedule'] as const)('%s: tells no key', (actor) => {
    for (const one of [actor, briefActor(actor)]) expect(isThroughKey(one, keyId)).toBe(false);
  });
  it('tells no key by less than the end that a seat has', () => {
    expect(isThroughKey('api-key#0#usr_ada', keyId)).toBe(false);
  });
  it('is as short as it can be', () => {
    expect(briefActor(used)).toBe('api-key#szemad0#');
    expect(briefActor('user#usr_ada')).toBe('user#');
  });
});

describe('the actor of a caller’s writes', () => {
  const person = { type: 'user', subject: 'sub', vendor: false, memberships: {} } as const;
  const member = { ...person, userId: 'usr_ada' };
  const key = {
    type: 'api-key',
    keyId,
    userId: 'usr_ada',
    organizationId: 'org_a',
    role: 'user',
    scope: 'full',
  } as const;
  it.each([
    ['a member', member, 'user#usr_ada'],
    ['a person whom no organization knows', person, 'user#sub'],
    ['an API key', key, used],
    ['the vendor', { ...person, vendor: true }, 'vendor#sub'],
    ['a vendor who is a member', { ...member, vendor: true }, 'user#usr_ada'],
    ['nobody', { type: 'nobody' }, 'service#public'],
  ] as const)('%s', (_, principal, actor) => {
    expect(actorOf(principal)).toBe(actor);
  });
  it('is the vendor if a vendor who is a member does the vendor’s work, and nobody else ever', () => {
    expect(actorOf({ ...member, vendor: true }, { asVendor: true })).toBe('vendor#sub');
    expect(actorOf(member, { asVendor: true })).toBe('user#usr_ada');
  });
});

it.each([
  ['user#usr_ada', { type: 'user', id: 'usr_ada', userId: 'usr_ada' }, undefined],
  [used, { type: 'api-key', id: keyId, userId: 'usr_ada' }, keyId],
  ['vendor#auth0|sub#1', { type: 'vendor', id: 'auth0|sub#1' }, undefined],
  ['service#schedule', { type: 'service', id: 'schedule' }, undefined],
] as const)('an actor is taken apart: %s', (actor, parts, key) => {
  expect(actorParts(actor)).toEqual(parts);
  expect(keyOfActor(actor)).toBe(key);
});
