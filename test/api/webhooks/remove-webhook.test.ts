import { describe, expect, it } from 'vitest';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { listWebhookDeliveries } from '../../../shared/contracts/list-webhook-deliveries.ts';
import { removeWebhook } from '../../../shared/contracts/remove-webhook.ts';
import { rotateWebhookSecret } from '../../../shared/contracts/rotate-webhook-secret.ts';
import { deliver, deliveryJobOf } from '../../../shared/outbound/deliver-webhook.ts';
import { listDeliveries, planDeliveries } from '../../../shared/table/outbox/deliveries.ts';
import { openWorld } from '../support/harness.ts';
import { confirmed, someEvent } from '../support/webhooks.ts';

const { got, foreignId, organizationId, table } = await openWorld();
const body = { url: 'https://hooks.example.com/', events: ['*'] };
const create = async (): Promise<string> =>
  confirmed(table, organizationId, await got(201, createWebhook, { as: 'owner', body }));
const remove = (status: number, webhookId: string) => got(status, removeWebhook, { as: 'owner', path: { webhookId } });
const deliveries = async (id: string) => (await listDeliveries(table, { organizationId, id }, { limit: 50 })).items;

describe('204', () => {
  it('repeating is harmless; nothing more can be asked about it', async () => {
    const webhookId = await create();
    await remove(204, webhookId);
    await remove(204, webhookId);
    await got(404, listWebhookDeliveries, { as: 'owner', path: { webhookId } });
    await got(404, rotateWebhookSecret, { as: 'owner', path: { webhookId }, body: {} });
  });
  it('later events plan no delivery, and planned deliveries are not sent', async () => {
    const webhookId = await create();
    await planDeliveries(table, someEvent(organizationId), Date.now());
    const [planned] = await deliveries(webhookId);
    await remove(204, webhookId);
    await planDeliveries(table, someEvent(organizationId), Date.now());
    expect(await deliveries(webhookId)).toHaveLength(1);
    const post = () => Promise.reject(new Error('sent'));
    expect(await deliver(table, deliveryJobOf(planned!), { post, now: Date.now() })).toBe('parked');
  });
});

describe('404', () => {
  it('a webhook that never existed, and one of another organization', async () => {
    const path = { organizationId: foreignId };
    const { id } = await got(201, createWebhook, { as: 'stranger', path, body });
    for (const webhookId of ['whk_none', id]) await remove(404, webhookId);
    await got(204, removeWebhook, { as: 'stranger', path: { ...path, webhookId: id } });
  });
});

describe('400', () => {
  it.each(['', 'a#b', '../x', 'a'.repeat(65)])('a webhook ID of %j', async (webhookId) => {
    expect(await remove(400, webhookId)).toMatchObject({ errors: [{ pointer: '/path/webhookId' }] });
  });
});
