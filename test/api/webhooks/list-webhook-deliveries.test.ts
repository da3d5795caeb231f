import { describe, expect, it } from 'vitest';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { listWebhookDeliveries } from '../../../shared/contracts/list-webhook-deliveries.ts';
import { listWebhooks } from '../../../shared/contracts/list-webhooks.ts';
import type { TargetAnswer } from '../../../shared/domain/outbox/webhook.ts';
import { deliver, deliveryJobOf } from '../../../shared/outbound/deliver-webhook.ts';
import { listDeliveries, planDeliveries } from '../../../shared/table/outbox/deliveries.ts';
import { clock, type Json, openWorld, stamp } from '../support/harness.ts';
import { confirmed, someEvent } from '../support/webhooks.ts';

const { got, organizationId, foreignId, table } = await openWorld();
const create = async (events: string[]): Promise<string> => {
  const body = { url: `https://hooks.example.com/${stamp()}`, events };
  return confirmed(table, organizationId, await got(201, createWebhook, { as: 'owner', body }));
};
const list = async (webhookId: string, query: Record<string, string> = {}): Promise<Json[]> =>
  (await got(200, listWebhookDeliveries, { as: 'admin', path: { webhookId }, query })).items;
const answered = async (id: string, answer: TargetAnswer) => {
  const { items: deliveries } = await listDeliveries(table, { organizationId, id }, { limit: 1 });
  await deliver(table, deliveryJobOf(deliveries[0]!), { post: async () => answer, now: Date.now() });
};

describe('200', () => {
  it('shows the progress of each, its request and the answer, newest event first', async () => {
    const id = await create(['license.*']);
    const events = [0, 1, 2].map((minute) => someEvent(organizationId, { at: Date.now() + minute * 60_000 }));
    await planDeliveries(table, events[0]!, Date.now());
    await answered(id, { status: 204 });
    await planDeliveries(table, events[1]!, Date.now());
    await answered(id, { status: 500, body: 'out of disk' });
    await planDeliveries(table, events[2]!, Date.now());
    await answered(id, { error: 'TIMEOUT' });
    await planDeliveries(table, someEvent(organizationId, { action: 'member.added' }), Date.now());

    const [third, second, first, ...more] = await list(id);
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      event: { id: events[0]!.id, action: 'license.refused' },
      status: 'delivered',
      attempts: 1,
      nextAttemptAt: null,
      lastAnswer: { status: 204, error: null, body: null },
    });
    expect(second).toMatchObject({
      status: 'pending',
      attempts: 1,
      lastAnswer: { status: 500, error: null, body: 'out of disk' },
    });
    expect(third).toMatchObject({ status: 'pending', lastAnswer: { status: null, error: 'TIMEOUT' } });
    expect(Date.parse(second.nextAttemptAt)).toBeGreaterThan(Date.now() + 50_000);
    expect(JSON.parse(first.request)).toMatchObject({ type: 'license.refused', data: { id: events[0]!.id } });
    const { items } = await got(200, listWebhooks, { as: 'admin' });
    expect(items.find((webhook: Json) => webhook.id === id).latest).toEqual({
      deliveries: 3,
      failed: 2,
      lastFailure: { at: third.lastAnswer.at, status: null, error: 'TIMEOUT' },
    });
  });
  it('can be filtered by parked, for a person to look at', async () => {
    const id = await create(['machine.*']);
    await planDeliveries(table, someEvent(organizationId, { action: 'machine.removed' }), Date.now());
    expect(await list(id, { status: 'parked' })).toEqual([]);
    await answered(id, { status: 410 });
    expect(await list(id, { status: 'parked' })).toMatchObject([{ status: 'parked', lastAnswer: { status: 410 } }]);
    expect(await list(id, { status: 'pending' })).toEqual([]);
  });
  it('pages show the whole list, each delivery once', async () => {
    const id = await create(['api-key.*']);
    for (let n = 0; n < 5; n++) {
      clock.advance(1000);
      await planDeliveries(table, someEvent(organizationId, { action: 'api-key.created' }), Date.now());
    }
    const whole = await list(id);
    expect(whole).toHaveLength(5);
    const paged: Json[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: '2', ...(cursor && { cursor }) };
      const page = await got(200, listWebhookDeliveries, { as: 'owner', path: { webhookId: id }, query });
      paged.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(whole);
  });
});

describe('400', () => {
  it('an unknown status, and a cursor of another webhook or status', async () => {
    const [one, two] = [await create(['subscription.*']), await create(['subscription.*'])];
    for (let n = 0; n < 2; n++)
      await planDeliveries(table, someEvent(organizationId, { action: 'subscription.changed' }), Date.now());
    const path = { webhookId: one };
    await got(400, listWebhookDeliveries, { as: 'owner', path, query: { status: 'lost' } });
    const { nextCursor: cursor } = await got(200, listWebhookDeliveries, { as: 'owner', path, query: { limit: '1' } });
    expect(cursor).toBeTypeOf('string');
    await got(400, listWebhookDeliveries, { as: 'owner', path: { webhookId: two }, query: { cursor } });
    await got(400, listWebhookDeliveries, { as: 'owner', path, query: { cursor, status: 'pending' } });
  });
});

describe('404', () => {
  it('a webhook that never existed, and one of another organization', async () => {
    const path = { organizationId: foreignId };
    const body = { url: `https://hooks.example.com/${stamp()}`, events: ['*'] };
    const { id } = await got(201, createWebhook, { as: 'stranger', path, body });
    for (const webhookId of ['whk_none', id])
      await got(404, listWebhookDeliveries, { as: 'owner', path: { webhookId } });
  });
});
