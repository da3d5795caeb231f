import fc from 'fast-check';
import { expect } from 'vitest';
import { getAlerts } from '../../../shared/contracts/get-alerts.ts';
import { getProduct } from '../../../shared/contracts/get-product.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { listProducts } from '../../../shared/contracts/list-products.ts';
import { listSoldSubscriptions } from '../../../shared/contracts/list-sold-subscriptions.ts';
import { listSubscriptions } from '../../../shared/contracts/list-subscriptions.ts';
import { removeProduct } from '../../../shared/contracts/remove-product.ts';
import { setAlerts } from '../../../shared/contracts/set-alerts.ts';
import { setProduct } from '../../../shared/contracts/set-product.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { testAlerts } from '../../../shared/contracts/test-alerts.ts';
import { day, type Json } from '../support/harness.ts';
import { byManagers, byVendor, calls, everyMember, expectItems, longPage } from './call.ts';
import { count, expectLimit, limitCode, passedBy, testedAlerts } from './limits.ts';
import { maxDays } from './offline-licenses.ts';
import { someProduct } from './sessions.ts';
import {
  activeOffline,
  isLive,
  leaseMs,
  liveSessions,
  machineQuotaBinds,
  type Organization,
  occupied,
  type Pool,
  registeredMachines,
  statusOf,
} from './state.ts';

export interface Terms {
  quota: number;
  machineQuota: number;
  expiresInHours: number;
  isSuspended: boolean;
  allowsOffline: boolean;
  /** Absent: the default. */
  reserveOnline?: number | undefined;
  idleTimeoutMinutes: number | null;
}

const typeOf = (product: string) => (product === 'USR' ? 'per-user' : 'floating');

/** Only licensed users have an idle timeout. */
const idleTimeoutOf = (product: string, { idleTimeoutMinutes }: Terms) =>
  typeOf(product) === 'per-user' ? idleTimeoutMinutes : null;

export const bodyOf = (product: string, terms: Terms, now: number) => ({
  licenseType: typeOf(product),
  quota: terms.quota,
  machineQuota: terms.machineQuota,
  expiresAt: new Date(now + terms.expiresInHours * 3_600_000).toISOString(),
  leaseSeconds: leaseMs / 1000,
  status: terms.isSuspended ? 'suspended' : 'active',
  offline: { allowed: terms.allowsOffline, maxDays, reserveOnline: terms.reserveOnline },
  idleTimeoutMinutes: idleTimeoutOf(product, terms),
});

/** Sells a product, or changes its terms. */
export const sell = ({ pools }: Organization, product: string, terms: Terms, now: number): void => {
  const { quota, machineQuota, isSuspended, allowsOffline, reserveOnline = quota >= 2 ? 1 : 0 } = terms;
  const idleTimeoutMinutes = idleTimeoutOf(product, terms);
  const before = pools.get(product);
  const pool: Pool = before ?? {
    ...{ product, licenseType: typeOf(product), quota, machineQuota, expiresAt: 0, isSuspended, allowsOffline },
    ...{ reserveOnline, idleTimeoutMinutes },
    ...{
      sessions: new Map(),
      past: [],
      events: [],
      queue: [],
      isQueueDoubtful: false,
      offline: [],
      licensed: new Set(),
    },
    ...{ everLicensed: new Set(), handedOn: new Map(), machines: new Map(), everUsed: new Set(), blocked: new Map() },
    ...{ wasShrunk: false, machinesWereShrunk: false, mayForgetMachines: false },
  };
  const bound = machineQuotaBinds(pool);
  pool.wasShrunk ||= quota < pool.quota;
  pool.machinesWereShrunk ||= machineQuota < pool.machineQuota;
  Object.assign(pool, { quota, machineQuota, isSuspended, allowsOffline, reserveOnline, idleTimeoutMinutes });
  pool.machinesWereShrunk ||= machineQuotaBinds(pool) && !bound;
  for (const session of pool.sessions.values())
    if (session.status === 'live' && !isLive(session, pool, now)) session.isReasonOpen = true;
  pool.expiresAt = now + terms.expiresInHours * 3_600_000;
  pools.set(product, pool);
};

/** Expects a subscription's figures to be the model's. */
export const expectFigures = (body: Json, pool: Pool, now: number): void => {
  const isFloating = pool.licenseType === 'floating';
  expect({ ...body, queue: pool.isQueueDoubtful ? 0 : body.queue.length }).toMatchObject({
    product: pool.product,
    status: statusOf(pool, now),
    quota: pool.quota,
    available: Math.max(0, pool.quota - occupied(pool, now)),
    inUse: {
      licensedUsers: isFloating ? 0 : pool.licensed.size,
      online: liveSessions(pool, now).length,
      offline: activeOffline(pool, now).length,
    },
    machineQuota: pool.machineQuota,
    offline: { allowed: pool.allowsOffline, reserveOnline: pool.reserveOnline },
    idleTimeoutMinutes: pool.idleTimeoutMinutes,
    registeredMachines: registeredMachines(pool, now).size,
    queue: pool.isQueueDoubtful ? 0 : pool.queue.length,
  });
};

const ofProduct = (product: string, { pools }: Organization, status = 200) => ({
  path: { product },
  expected: () => (pools.has(product) ? status : ('not-found' as const)),
});

const subscriptionCalls = [
  calls({
    operation: setSubscription,
    weight: 3,
    access: byVendor,
    mostly: 'vendor',
    args: fc.record({
      product: someProduct,
      isOfOtherType: fc.constantFrom(false, false, false, false, false, true),
      quota: fc.constantFrom(0, 1, 2, 3, 4),
      machineQuota: fc.constantFrom(1, 2, 3, 4),
      expiresInHours: fc.constantFrom(-1, 1, 24 * 30, 24 * 30, 24 * 30, 24 * 30),
      isSuspended: fc.constantFrom(false, false, false, true),
      allowsOffline: fc.constantFrom(true, true, true, false),
      reserveOnline: fc.constantFrom(undefined, 0, 0, 1, 2),
      idleTimeoutMinutes: fc.constantFrom(null, 10, 30),
    }),
    plan: ({ model, organization, now }, { product, isOfOtherType, ...terms }) => {
      const pool = organization.pools.get(product);
      const body = bodyOf(product, terms, now);
      const other = body.licenseType === 'floating' ? 'per-user' : 'floating';
      return {
        path: { product },
        // A floating subscription with an idle timeout would be refused for that.
        body: isOfOtherType && pool ? { ...body, licenseType: other, idleTimeoutMinutes: null } : body,
        expected: () => {
          if (pool) return isOfOtherType ? 'invalid-request' : 200;
          return model.catalogue.size > 0 && !model.catalogue.has(product) ? 'product-not-in-catalogue' : 201;
        },
        done: (answered) => {
          sell(organization, product, terms, now);
          expectFigures(answered, organization.pools.get(product) as Pool, now);
        },
      };
    },
  }),
  calls({
    operation: getSubscription,
    access: { to: 'organization', roles: ['owner', 'admin', 'billing-manager'], vendor: true, keys: 'full' },
    args: someProduct,
    plan: ({ organization, now }, product) => ({
      ...ofProduct(product, organization),
      done: (answered) => expectFigures(answered, organization.pools.get(product) as Pool, now),
    }),
  }),
  calls({
    operation: listSubscriptions,
    access: { to: 'organization', roles: everyMember, keys: 'full' },
    mostly: 'member',
    plan: ({ organization, now }) => ({
      query: longPage,
      expected: () => 200,
      done: (answered, { role }) => {
        expectItems(answered, ({ product }) => product, [...organization.pools.keys()]);
        for (const item of answered.items)
          if (role === 'user') expect(item).not.toHaveProperty('available');
          else expectFigures(item, organization.pools.get(item.product) as Pool, now);
      },
    }),
  }),
  calls({
    operation: getAlerts,
    access: byManagers,
    args: someProduct,
    plan: ({ organization }, product) => ofProduct(product, organization),
  }),
  calls({
    operation: setAlerts,
    access: byManagers,
    args: someProduct,
    plan: ({ organization }, product) => ({
      ...ofProduct(product, organization),
      body: { usePercent: 90, useMinutes: 5, waitMinutes: null },
    }),
  }),
  calls({
    operation: testAlerts,
    access: byManagers,
    args: someProduct,
    plan: ({ organization, now }, product) => {
      const counted = testedAlerts(organization);
      const passed = passedBy(organization, counted, now);
      return {
        path: { product },
        expected: () => {
          if (!organization.pools.has(product)) return 'not-found';
          return passed.length > 0 ? limitCode(passed) : 204;
        },
        done: () => count(organization, counted, now),
        refused: (body) => expectLimit(body, passed, now),
      };
    },
  }),
  calls({
    operation: listSoldSubscriptions,
    access: { to: 'vendor' },
    mostly: 'vendor',
    plan: () => ({ expected: () => 200 }),
  }),
];

const ofVendor = { to: 'vendor' } as const;

const catalogueCalls = [
  calls({
    operation: setProduct,
    access: ofVendor,
    mostly: 'vendor',
    args: someProduct,
    plan: ({ model }, product) => ({
      path: { product },
      body: { name: product, licenseType: typeOf(product) },
      expected: () => 200,
      done: () => void model.catalogue.add(product),
    }),
  }),
  calls({
    operation: removeProduct,
    access: ofVendor,
    mostly: 'vendor',
    args: someProduct,
    plan: ({ model }, product) => ({
      path: { product },
      // A product that was there before stays known for a repetition.
      expected: () => (model.catalogue.has(product) ? 204 : [204, 'not-found']),
      done: () => void model.catalogue.delete(product),
    }),
  }),
  calls({
    operation: getProduct,
    access: ofVendor,
    mostly: 'vendor',
    args: someProduct,
    plan: ({ model }, product) => ({
      path: { product },
      expected: () => (model.catalogue.has(product) ? 200 : 'not-found'),
    }),
  }),
  calls({
    operation: listProducts,
    access: ofVendor,
    mostly: 'vendor',
    plan: ({ model }) => ({
      query: longPage,
      expected: () => 200,
      done: (answered) => expectItems(answered, ({ product }) => product, [...model.catalogue]),
    }),
  }),
];

export const subscriptions = [...subscriptionCalls, ...catalogueCalls];
export const firstTerms: Terms = {
  quota: 2,
  machineQuota: 2,
  expiresInHours: (30 * day) / 3_600_000,
  isSuspended: false,
  allowsOffline: true,
  reserveOnline: 0,
  idleTimeoutMinutes: 30,
};
