import fc from 'fast-check';
import { expect } from 'vitest';
import { getOfflineLicenseFile } from '../../../shared/contracts/get-offline-license-file.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { listOfflineLicenses } from '../../../shared/contracts/list-offline-licenses.ts';
import { voidOfflineLicense } from '../../../shared/contracts/void-offline-license.ts';
import { day } from '../support/harness.ts';
import { byManagers, byVendor, calls, expectItems, longPage, type Outcome, someId, which } from './call.ts';
import { count, expectLimit, issued, limitCode, passedBy } from './limits.ts';
import { isSame, keyed, someKey } from './repetitions.ts';
import { expectWithinQuota, inactive, machineRefusals, someMachine, someProduct } from './sessions.ts';
import { freeForOffline, type OfflineLicense, type Organization } from './state.ts';

export const maxDays = 2;

const statusOf = ({ isVoided, expiresAt }: OfflineLicense, now: number) => {
  if (isVoided) return 'voided';
  return expiresAt > now ? 'active' : 'expired';
};

const someLicense = fc.record({ product: someProduct, license: which });
const idsOf =
  (product: string) =>
  ({ pools }: Organization): string[] =>
    pools.get(product)?.offline.map(({ id }) => id) ?? [];
const find = ({ pools }: Organization, product: string, id: string) =>
  pools.get(product)?.offline.find((license) => license.id === id);

export const offlineLicenses = [
  calls({
    operation: issueOfflineLicense,
    weight: 3,
    access: byManagers,
    args: fc.record({
      product: someProduct,
      machineId: someMachine,
      hours: fc.constantFrom(undefined, 1, 1, 24, 24 * 10, -1),
      user: fc.option(which, { freq: 3 }),
      some: someKey,
    }),
    plan: (scene, { product, hours, user, some, ...drawn }) => {
      const { organization, now } = scene;
      const pool = organization.pools.get(product);
      const request = keyed(organization, issueOfflineLicense, product, some, {
        machineId: drawn.machineId,
        expiresAt: hours === undefined ? undefined : new Date(now + hours * 3_600_000).toISOString(),
        userId:
          user === null ? undefined : someId(scene, ({ members, former }) => [...members.keys(), ...former], user),
      });
      const { machineId, userId, expiresAt: asksUntil } = request.body;
      const asked = asksUntil === undefined ? undefined : Date.parse(asksUntil);
      const counted = pool ? issued(organization, pool) : [];
      const passed = passedBy(organization, counted, now);
      return {
        path: { product },
        ...request.asked,
        expected: (me) => {
          if (userId !== undefined && !organization.members.has(userId)) return 'invalid-request';
          const before = request.before(me);
          if (before) return isSame(before.body, request.body) ? 201 : 'invalid-request';
          if (!pool) return 'not-found';
          if (asked !== undefined && asked <= now) return 'invalid-request';
          const refused = inactive(pool, now);
          if (refused) return refused;
          if (!pool.allowsOffline) return 'forbidden';
          if (asked !== undefined && asked > Math.min(pool.expiresAt, now + maxDays * day)) return 'invalid-request';
          const refusals: Outcome[] = machineRefusals(pool, machineId, now);
          const { least, most } = freeForOffline(pool, now);
          if (most <= 0) return [...refusals, 'license-quota-exceeded'];
          // The last check counts for the day.
          const otherwise = passed.length > 0 ? limitCode(passed) : 201;
          if (least <= 0 || pool.queue.length > 0 || pool.isQueueDoubtful)
            return [...refusals, 'license-quota-exceeded', otherwise];
          return refusals.length > 0 ? refusals : otherwise;
        },
        refused: (body) => expectLimit(body, passed, now),
        done: (answered, me) => {
          if (!pool) return;
          const { id, expiresAt } = answered;
          const before = request.before(me);
          if (before) {
            const license = find(organization, product, before.id);
            return void expect({ id, status: answered.status }).toEqual({
              id: before.id,
              status: license && statusOf(license, now),
            });
          }
          request.note(answered, me);
          count(organization, counted, now);
          const end = asked ?? Math.min(pool.expiresAt, now + maxDays * day);
          expect(Date.parse(expiresAt)).toBe(end);
          expect(idsOf(product)(organization)).not.toContain(id);
          pool.offline.push({ id, machineId, expiresAt: end, isVoided: false, kept: pool.reserveOnline });
          pool.everUsed.add(machineId);
          if (pool.licenseType === 'per-user' && !pool.machines.has(machineId)) pool.machines.set(machineId, '');
          expectWithinQuota(pool, now);
        },
      };
    },
  }),
  calls({
    operation: listOfflineLicenses,
    access: byManagers,
    args: someProduct,
    plan: ({ organization, now }, product) => ({
      path: { product },
      query: longPage,
      expected: () => (organization.pools.has(product) ? 200 : 'not-found'),
      done: (answered) =>
        expectItems(
          answered,
          ({ id, machineId, status }) => ({ id, machineId, status }),
          (organization.pools.get(product)?.offline ?? []).map((license) => ({
            id: license.id,
            machineId: license.machineId,
            status: statusOf(license, now),
          })),
        ),
    }),
  }),
  calls({
    operation: getOfflineLicenseFile,
    access: byManagers,
    args: someLicense,
    plan: (scene, { product, license: n }) => {
      const licenseId = someId(scene, idsOf(product), n);
      const license = find(scene.organization, product, licenseId);
      return {
        path: { product, licenseId },
        expected: () => {
          if (!license) return 'not-found';
          return license.isVoided ? 'forbidden' : 200;
        },
      };
    },
  }),
  calls({
    operation: voidOfflineLicense,
    access: byVendor,
    mostly: 'vendor',
    args: someLicense,
    plan: (scene, { product, license: n }) => {
      const licenseId = someId(scene, idsOf(product), n);
      const license = find(scene.organization, product, licenseId);
      return {
        path: { product, licenseId },
        body: { reason: 'Issued by mistake' },
        expected: () => (license ? 200 : 'not-found'),
        done: ({ status }) => {
          if (license && statusOf(license, scene.now) === 'active') license.isVoided = true;
          expect(status).toBe(license && statusOf(license, scene.now));
        },
      };
    },
  }),
];
