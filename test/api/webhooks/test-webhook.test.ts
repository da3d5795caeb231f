import { describe, expect, it } from 'vitest';
import { deliverWebhook } from '../../../infra/functions.ts';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { listWebhookDeliveries } from '../../../shared/contracts/list-webhook-deliveries.ts';
import { testWebhook } from '../../../shared/contracts/test-webhook.ts';
import { deliver, deliveryJobOf } from '../../../shared/outbound/deliver-webhook.ts';
import { listDeliveries } from '../../../shared/table/outbox/deliveries.ts';
import { disableWebhook, readWebhook } from '../../../shared/table/outbox/webhooks.ts';
import { withGrant } from '../support/grants.ts';
import { openWorld, stamp } from '../support/harness.ts';
import { confirmed } from '../support/webhooks.ts';

const { got, organizationId, table } = await openWorld();
const created = async () => {
  const body = { url: `https://hooks.example.com/${stamp()}`, events: ['license.refused'] };
  return got(201, createWebhook, { as: 'owner', body });
};
const test = (status: number, webhookId: string) => got(status, testWebhook, { as: 'admin', path: { webhookId } });

describe('202', () => {
  it('sends a test event, whatever the webhook subscribes to; each time another one', async () => {
    const id = await confirmed(table, organizationId, await created());
    const first = await test(202, id);
    expect(first).toMatchObject({ event: { action: 'webhook.test' }, status: 'pending', attempts: 0 });
    expect((await test(202, id)).id).not.toBe(first.id);
    const { items: deliveries } = await listDeliveries(table, { organizationId, id }, { limit: 50 });
    const tests = deliveries.filter(({ event }) => event.action === 'webhook.test');
    expect(tests).toHaveLength(2);
    const sent: unknown[] = [];
    const post = async (_: string, { body }: { body: string }) => {
      sent.push(JSON.parse(body));
      return { status: 200 };
    };
    await withGrant(deliverWebhook, () => deliver(table, deliveryJobOf(tests[0]!), { post, now: Date.now() }));
    expect(sent).toMatchObject([{ type: 'webhook.test', data: { organizationId, webhookId: id } }]);
  });
});

describe('403', () => {
  it('before the target has confirmed, and after it said that it is gone; nothing is sent, and the challenge is not told', async () => {
    const { id } = await created();
    await test(403, id);
    const { items } = await got(200, listWebhookDeliveries, { as: 'owner', path: { webhookId: id } });
    for (const { event, request } of items) expect([event.action, request]).toEqual(['webhook.challenge', null]);
    const webhook = await readWebhook(table, { organizationId, id });
    await confirmed(table, organizationId, { id });
    await disableWebhook(table, webhook!, Date.now());
    await test(403, id);
  });
});

it('404: an unknown webhook', () => test(404, 'whk_none'));
