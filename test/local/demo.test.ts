import { expect, it } from 'vitest';
import { fillDemo } from '../../infra/local/demo/fill.ts';
import { vendorTrail } from '../../shared/domain/history/audit.ts';
import { statusOf } from '../../shared/domain/subscription.ts';
import { verifyApiKey } from '../../shared/table/accounts/api-keys.ts';
import { readFigures } from '../../shared/table/items/figures.ts';
import { listSubscriptions } from '../../shared/table/items/subscriptions.ts';
import { listLicensed } from '../../shared/table/licensed-users/list-licensed-users.ts';
import { listEvents } from '../../shared/table/reports/list-events.ts';
import { listHistory } from '../../shared/table/reports/list-sessions.ts';
import { ranges } from '../../shared/table/store/keys.ts';
import { readAll } from '../../shared/table/store/table.ts';
import { createDatabase } from '../table/support/database.ts';

const dayMs = 86_400_000;

it('the demo has fourteen members, products in every state, live sessions, and a past with refusals and waits', async () => {
  const table = (await createDatabase()).client();
  const now = Date.now();
  // A week of the past: some days of a week are busy.
  const { organizationId, apiKey } = await fillDemo(table, { beginStream: async () => {}, share: 0.08, now });

  expect(await verifyApiKey(table, apiKey, now)).toMatchObject({ outcome: 'good' });
  expect(await readAll(table, ranges.members(organizationId))).toHaveLength(14);
  const { items: subscriptions } = await listSubscriptions(table, organizationId, { limit: 50 });
  const states = await Promise.all(
    subscriptions.map(async (subscription) => {
      const { inUse } = await readFigures(table, subscription, now);
      return [subscription.product, statusOf(subscription, now), inUse.online] as const;
    }),
  );
  expect(states).toEqual([
    ['INSIGHT', 'active', 0],
    ['KRE', 'active', 20],
    ['KSE', 'active', 7],
    ['PLATFORM', 'suspended', 0],
    ['RECORDER', 'expired', 0],
    ['TESTCLOUD', 'active', 800],
    ['VISUAL', 'active', 1],
  ]);

  const perUser = { organizationId, product: 'KSE' };
  expect((await listLicensed(table, perUser, { limit: 50, unusedSince: now - 30 * dayMs })).items).toHaveLength(3);

  const visual = { organizationId, product: 'VISUAL' };
  const past = { from: now - 100 * dayMs, to: now };
  const { items: sessions } = await listHistory(table, visual, { range: past, limit: 1000 });
  expect(sessions.filter(({ waitedSeconds }) => waitedSeconds)).not.toEqual([]);
  const refused = await readAll(table, ranges.refused(visual, past));
  expect(refused).not.toEqual([]);
  for (const action of ['activation.started', 'activation.ended', 'license.refused'] as const) {
    const { items: events } = await listEvents(table, organizationId, { ...past, filter: { action }, limit: 1 });
    expect(events, action).not.toEqual([]);
  }
  expect((await readAll(table, ranges.products())).map(({ product }) => product)).toEqual(
    subscriptions.map(({ product }) => product),
  );
  const beginning = { from: now - 93 * dayMs, to: now - 91 * dayMs };
  for (const action of ['product.added', 'subscription.created']) {
    const { items: events } = await listEvents(table, vendorTrail, { ...beginning, filter: { action }, limit: 1 });
    expect(events, action).not.toEqual([]);
  }
});
