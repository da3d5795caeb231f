import { describe, expect, it } from 'vitest';
import { briefActor, isThroughKey } from '../../../shared/domain/accounts/actor.ts';

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
  it('is as short as it can be', () => {
    expect(briefActor(used)).toBe('api-key#szemad0#');
    expect(briefActor('user#usr_ada')).toBe('user#');
  });
});
