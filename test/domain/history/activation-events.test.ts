import { describe, expect, it } from 'vitest';
import {
  endEventOf,
  eventsOfActivation,
  nameOfEvent,
  startEventOf,
} from '../../../shared/domain/history/activation-events.ts';
import type { AuditEvent } from '../../../shared/domain/history/audit.ts';
import type { EndedSession, RunningSession } from '../../../shared/domain/history/session-history.ts';

const pool = { organizationId: 'org_a', product: 'KRE' };
const ada = 'user#usr_ada';
const bob = 'user#usr_bob';
const session: RunningSession = {
  sessionId: 's',
  fence: 3,
  number: 2,
  userId: 'usr_ada',
  machineId: 'm',
  licenseType: 'floating',
  leaseSeconds: 60,
  startedAt: 1000,
};
const ended: EndedSession = { ...session, endedAt: 5000, endedReason: 'released' };
const details = { userId: 'usr_ada', machineId: 'm', seat: 2, fence: 3, startedAt: '1970-01-01T00:00:01.000Z' };

describe('the events of an activation', () => {
  it('are its start and its end, each by its actor', () => {
    const event = { organizationId: 'org_a', product: 'KRE', target: { type: 'activation', id: 's' } };
    expect(eventsOfActivation(pool, { ...ended, startedBy: ada, endedBy: bob })).toMatchObject([
      { ...event, at: 1000, action: 'activation.started', actor: ada, details },
      { ...event, at: 5000, action: 'activation.ended', actor: bob, details: { ...details, reason: 'released' } },
    ]);
  });
  it('are only those that no other event tells', () => {
    expect(eventsOfActivation(pool, ended)).toEqual([]);
    const actionsOf = (one: RunningSession) => eventsOfActivation(pool, one).map(({ action }) => action);
    expect(actionsOf({ ...session, startedBy: ada })).toEqual(['activation.started']);
    expect(actionsOf({ ...ended, startedBy: ada } as RunningSession)).toEqual(['activation.started']);
    expect(actionsOf({ ...ended, endedBy: bob } as RunningSession)).toEqual(['activation.ended']);
  });
  it('tell the host name, if it is known, and the activation that the start ended', () => {
    expect(startEventOf(pool, session, ada).details).toStrictEqual(details);
    const { number, fence, userId, machineId } = session;
    const lapsed = { number, fence: fence - 1, userId, machineId, activatedAt: 0, reason: 'lease-expired' } as const;
    expect(startEventOf(pool, { ...session, hostname: 'build-1', lapsed }, ada).details).toEqual({
      ...details,
      hostname: 'build-1',
      ended: { ...details, fence: 2, startedAt: '1970-01-01T00:00:00.000Z', reason: 'lease-expired' },
    });
  });
});

describe('the ID of an event', () => {
  const idOf = (changes: Partial<RunningSession> = {}, where = pool) =>
    startEventOf(where, { ...session, ...changes }, ada).id;

  it('derives from the claim alone', () => {
    expect(idOf({ hostname: 'build-1', startedAt: 7 })).toBe(idOf());
    expect(idOf()).toMatch(/^[0-9a-f]{32}$/);
  });
  it('differs between claims, and between the start and the end of a claim', () => {
    const ids = [
      idOf(),
      idOf({ sessionId: 't' }),
      idOf({ number: 4 }),
      idOf({ fence: 4 }),
      // These three would be one if their parts were not separated.
      idOf({ sessionId: 's2', number: 2, fence: 3 }),
      idOf({ sessionId: 's', number: 22, fence: 3 }),
      idOf({ sessionId: 's', number: 2, fence: 23 }),
      idOf({}, { ...pool, organizationId: 'org_b' }),
      idOf({}, { ...pool, product: 'KSE' }),
      endEventOf(pool, ended, ada).id,
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('the name of an event', () => {
  const event: AuditEvent = startEventOf(pool, session, ada);
  it('of a start or an end is that of its claim, whatever ID an earlier release gave it', () => {
    expect(nameOfEvent({ ...event, id: 'old' })).toBe('activation.started\nKRE\ns\n2\n3');
    expect(nameOfEvent(endEventOf(pool, ended, ada))).toBe('activation.ended\nKRE\ns\n2\n3');
  });
  it.each([
    ['another kind of change', { action: 'license.granted' }],
    ['a start without a seat', { details: { fence: 3 } }],
    ['a start without a fence', { details: { seat: 2 } }],
  ] as const)('of %s is its ID', (_, changes) => {
    expect(nameOfEvent({ ...event, ...changes, id: 'own' })).toBe('own');
  });
});
