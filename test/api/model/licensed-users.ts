import fc from 'fast-check';
import { expect } from 'vitest';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { grantLicenses } from '../../../shared/contracts/grant-licenses.ts';
import { listLicensedUsers } from '../../../shared/contracts/list-licensed-users.ts';
import { listYourLicenses } from '../../../shared/contracts/list-your-licenses.ts';
import { removeLicense } from '../../../shared/contracts/remove-license.ts';
import { transferLicense } from '../../../shared/contracts/transfer-license.ts';
import type { Json } from '../support/harness.ts';
import { byManagers, calls, everyMember, expectItems, longPage, type Outcome, someId, which } from './call.ts';
import { expectWithinQuota, inactive } from './sessions.ts';
import { activeOffline, endLicense, liveSessions, type Organization, occupied, type Pool, pick } from './state.ts';

const someLicensed = fc.constantFrom('USR', 'USR', 'USR', 'FLO', 'NEW');
const memberIds = ({ members, former }: Organization) => [...members.keys(), ...former];

const refusalOf = (pool: Pool | undefined, now: number): Outcome | undefined => {
  if (!pool) return 'not-found';
  const refused = inactive(pool, now);
  return pool.licenseType === 'floating' ? 'invalid-request' : refused;
};

const grant = (pool: Pool, userId: string, now: number, action = 'license.granted'): void => {
  pool.events.push(`${action} ${userId}`);
  pool.licensed.add(userId);
  pool.everLicensed.add(userId);
  pool.handedOn.delete(userId);
  expectWithinQuota(pool, now);
};

export const licensedUsers = [
  calls({
    operation: listLicensedUsers,
    access: byManagers,
    args: someLicensed,
    plan: ({ organization, now }, product) => {
      const pool = organization.pools.get(product);
      return {
        path: { product },
        query: longPage,
        expected: () => (pool ? 200 : 'not-found'),
        done: (answered) => {
          const { licensed, licenseType } = pool as Pool;
          const online = new Set(liveSessions(pool as Pool, now).map(({ userId }) => userId));
          expectItems(
            answered,
            (user) => ({ userId: user.userId, online: user.online }),
            licenseType === 'floating' ? [] : [...licensed].map((userId) => ({ userId, online: online.has(userId) })),
          );
        },
      };
    },
  }),
  calls({
    operation: grantLicense,
    weight: 4,
    access: byManagers,
    args: fc.record({ product: someLicensed, user: which }),
    plan: (scene, { product, user }) => {
      const { organization, now } = scene;
      const pool = organization.pools.get(product);
      const userId = someId(scene, memberIds, user);
      return {
        path: { product, userId },
        expected: () => {
          if (!organization.members.has(userId)) return 'not-found';
          const refused = refusalOf(pool, now);
          if (!pool || refused) return refused ?? 'not-found';
          if (pool.licensed.has(userId)) return 200;
          return occupied(pool, now) < pool.quota ? 201 : 'license-quota-exceeded';
        },
        done: (answered, _, { status }) => {
          expect(answered.userId).toBe(userId);
          if (pool && status === 201) grant(pool, userId, now);
        },
      };
    },
  }),
  calls({
    operation: grantLicenses,
    access: byManagers,
    args: fc.record({ product: someLicensed, users: fc.array(which, { minLength: 1, maxLength: 3 }) }),
    plan: ({ model, organization, now }, { product, users }) => {
      const pool = organization.pools.get(product);
      const emails = users.flatMap((n) => pick(model.people, n)?.email ?? []);
      return {
        path: { product },
        body: { emails },
        expected: () => refusalOf(pool, now) ?? 200,
        done: ({ items }) => {
          if (!pool) return;
          const outcomes = emails.map((email) => {
            const userId = model.addresses.get(email);
            if (userId === undefined || !organization.members.has(userId)) return 'not-a-member';
            if (pool.licensed.has(userId)) return 'already-licensed';
            if (occupied(pool, now) >= pool.quota) return 'license-quota-exceeded';
            grant(pool, userId, now);
            return 'granted';
          });
          expect(items.map(({ outcome }: Json) => outcome)).toEqual(outcomes);
        },
      };
    },
  }),
  calls({
    operation: removeLicense,
    access: byManagers,
    args: fc.record({ product: someLicensed, user: which }),
    plan: (scene, { product, user }) => {
      const { organization, now } = scene;
      const pool = organization.pools.get(product);
      const userId = (user % 4 < 3 && pick([...(pool?.licensed ?? [])], user)) || someId(scene, memberIds, user);
      return {
        path: { product, userId },
        expected: () => (pool?.everLicensed.has(userId) ? 204 : 'not-found'),
        done: () => pool && endLicense(pool, userId, 'user-removed', now),
      };
    },
  }),
  calls({
    operation: transferLicense,
    access: byManagers,
    args: fc.record({ product: someLicensed, from: which, to: which }),
    plan: (scene, { product, from, to }) => {
      const { organization, now } = scene;
      const pool = organization.pools.get(product);
      const userId = pick([...(pool?.licensed ?? [])], from) ?? someId(scene, memberIds, from);
      const toUserId = someId(scene, memberIds, to);
      return {
        path: { product, userId },
        body: { toUserId },
        expected: () => {
          if (userId === toUserId) return 'invalid-request';
          if (!organization.members.has(toUserId)) return 'not-found';
          const refused = refusalOf(pool, now);
          if (!pool || refused) return refused ?? 'not-found';
          if (pool.licensed.has(toUserId)) return pool.handedOn.get(toUserId) === userId ? 200 : 'invalid-request';
          if (!pool.licensed.has(userId)) return 'not-found';
          const session = [...pool.sessions.values()].find((one) => one.userId === userId && one.status === 'live');
          const own = [...pool.machines].filter(([, user]) => user === userId).map(([machineId]) => machineId);
          const bound = activeOffline(pool, now).map(({ machineId }) => machineId);
          if (bound.some((machineId) => own.includes(machineId))) return 'offline-license-active';
          if (session && bound.includes(session.machineId)) return 'offline-license-active';
          return 200;
        },
        done: (answered) => {
          expect(answered.userId).toBe(toUserId);
          if (!pool || pool.licensed.has(toUserId)) return;
          endLicense(pool, userId, 'license-transferred', now);
          grant(pool, toUserId, now, 'license.transferred');
          pool.handedOn.set(toUserId, userId);
        },
      };
    },
  }),
  calls({
    operation: listYourLicenses,
    access: { to: 'organization', roles: everyMember, keys: 'full' },
    mostly: 'member',
    plan: ({ organization, now }) => ({
      query: longPage,
      expected: () => 200,
      done: (answered, { userId }) => {
        const own = (pool: Pool) => liveSessions(pool, now).filter((session) => session.userId === userId);
        expectItems(
          answered,
          ({ product, activations }) => ({
            product,
            sessions: activations.map(({ sessionId }: Json) => sessionId).sort(),
          }),
          [...organization.pools.values()].map((pool) => ({
            product: pool.product,
            sessions: own(pool)
              .map(({ sessionId }) => sessionId)
              .sort(),
          })),
        );
      },
    }),
  }),
];
