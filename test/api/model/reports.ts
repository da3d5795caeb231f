import { expect } from 'vitest';
import { getUsage } from '../../../shared/contracts/get-usage.ts';
import { listAuditEvents } from '../../../shared/contracts/list-audit-events.ts';
import { listSessions } from '../../../shared/contracts/list-sessions.ts';
import { listVendorAuditEvents } from '../../../shared/contracts/list-vendor-audit-events.ts';
import type { Json } from '../support/harness.ts';
import { byManagers, calls, longPage } from './call.ts';
import { someProduct } from './sessions.ts';
import { liveSessions, type Pool } from './state.ts';

export const reports = [
  calls({
    operation: listSessions,
    access: byManagers,
    args: someProduct,
    plan: ({ organization, now }, product) => {
      const pool = organization.pools.get(product);
      return {
        path: { product },
        query: longPage,
        expected: () => (pool ? 200 : 'not-found'),
        // Those that ended appear once the stream has told of them.
        done: ({ items }) => {
          const active = items.filter(({ status }: Json) => status === 'active');
          const shown = active.map(({ sessionId, fence }: Json) => `${sessionId} ${fence}`).sort();
          const live = liveSessions(pool as Pool, now).map(({ sessionId, fence }) => `${sessionId} ${fence}`);
          expect(shown).toEqual(live.sort());
        },
      };
    },
  }),
  calls({
    operation: getUsage,
    access: byManagers,
    args: someProduct,
    plan: ({ organization }, product) => ({
      path: { product },
      query: longPage,
      expected: () => (organization.pools.has(product) ? 200 : 'not-found'),
    }),
  }),
  calls({
    operation: listAuditEvents,
    access: byManagers,
    plan: () => ({ query: longPage, expected: () => 200 }),
  }),
  calls({
    operation: listVendorAuditEvents,
    access: { to: 'vendor' },
    mostly: 'vendor',
    plan: () => ({ expected: () => 200 }),
  }),
];
