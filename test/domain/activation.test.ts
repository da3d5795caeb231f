import { expect, it } from 'vitest';
import { activationOf, liveActivation } from '../../shared/domain/activation.ts';

const at = Date.parse('2027-01-31T09:30:00.000Z');
const shown = {
  sessionId: 's',
  product: 'KRE',
  machineId: 'm',
  hostname: 'build-1',
  userId: 'usr_ada',
  status: 'active',
  seat: 2,
  fence: 3,
  activatedAt: '2027-01-31T09:30:00.000Z',
  leaseExpiresAt: '2027-01-31T09:40:00.000Z',
  heartbeatSeconds: 200,
  endedAt: null,
  endedReason: null,
};

it('the API shows a session by its record as by its seat, but for the host name, which a seat may lack', () => {
  const session = {
    sessionId: 's',
    machineId: 'm',
    hostname: 'build-1',
    userId: 'usr_ada',
    status: 'active',
    number: 2,
    fence: 3,
    activatedAt: at,
    leaseSeconds: 600,
  } as const;
  expect(activationOf('KRE', session, at + 600_000)).toEqual(shown);
  const hold = {
    holder: 'session#s',
    machineId: 'm',
    userId: 'usr_ada',
    claimedAt: at,
    availableAt: at + 600_000,
    leaseMs: 600_000,
  } as const;
  const subscription = { product: 'KRE', expiresAt: at + 1e9 };
  expect(liveActivation(subscription, { number: 2, fence: 3, hold })).toEqual({ ...shown, hostname: null });
});

it('an ended session has its end and no lease', () => {
  const ended = { sessionId: 's', machineId: 'm', userId: 'usr_ada', status: 'ended', number: 2, fence: 3 } as const;
  expect(
    activationOf('KRE', { ...ended, activatedAt: at, leaseSeconds: 600, endedAt: at + 1, endedReason: 'released' }),
  ).toEqual({
    ...shown,
    hostname: null,
    status: 'ended',
    leaseExpiresAt: null,
    endedAt: '2027-01-31T09:30:00.001Z',
    endedReason: 'released',
  });
});
