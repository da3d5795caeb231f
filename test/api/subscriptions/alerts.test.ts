import { describe, expect, it } from 'vitest';
import { getAlerts } from '../../../shared/contracts/get-alerts.ts';
import { setAlerts } from '../../../shared/contracts/set-alerts.ts';
import { testAlerts } from '../../../shared/contracts/test-alerts.ts';
import { openWorld } from '../support/harness.ts';

const { call, got, subscribe } = await openWorld();
const none = { useRaisedAt: null, waitRaisedAt: null };
const terms = { usePercent: 90, useMinutes: 15, waitMinutes: 10 };

describe('200', () => {
  it('alerts are off until an owner or admin sets them; a test changes no terms', async () => {
    await subscribe();
    const off = { usePercent: null, useMinutes: 5, waitMinutes: null, ...none };
    expect(await got(200, getAlerts, { as: 'admin' })).toEqual(off);
    await got(204, testAlerts, { as: 'admin' });
    expect(await got(200, getAlerts, { as: 'admin' })).toEqual(off);
    expect(await got(200, setAlerts, { as: 'owner', body: terms })).toEqual({ ...terms, ...none });
    await got(204, testAlerts, { as: 'owner' });
    expect(await got(200, getAlerts, { as: 'admin' })).toEqual({ ...terms, ...none });
  });
});

it('400: another threshold, a time out of its bounds, a missing field', async () => {
  await subscribe();
  for (const wrong of [{ usePercent: 50 }, { useMinutes: 0 }, { waitMinutes: 1441 }, { useMinutes: undefined }])
    await got(400, setAlerts, { as: 'owner', body: { ...terms, ...wrong } });
});

it('404: a product without a subscription', async () => {
  const path = { product: 'NONE' };
  await got(404, getAlerts, { as: 'owner', path });
  await got(404, setAlerts, { as: 'owner', path, body: terms });
  await got(404, testAlerts, { as: 'owner', path });
});

it('429: more tests in a minute than redeliveries are allowed', async () => {
  await subscribe();
  // The minute may turn once.
  const statuses = new Set<number>();
  for (let n = 0; n < 22 && !statuses.has(429); n++) statuses.add((await call(testAlerts, { as: 'owner' })).status);
  expect([...statuses]).toEqual([204, 429]);
});
