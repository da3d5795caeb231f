import { describe, expect, it } from 'vitest';
import { deliverWebhook } from '../../../infra/functions.ts';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { listWebhooks } from '../../../shared/contracts/list-webhooks.ts';
import { redeliverWebhook } from '../../../shared/contracts/redeliver-webhook.ts';
import { requestsAttempt } from '../../../shared/domain/outbox/retry-schedule.ts';
import type { Delivery, TargetAnswer } from '../../../shared/domain/outbox/webhook.ts';
import { deliver, deliveryJobOf } from '../../../shared/outbound/deliver-webhook.ts';
import { listDeliveries, planDeliveries } from '../../../shared/table/outbox/deliveries.ts';
import { withGrant } from '../support/grants.ts';
import { clock, openWorld, stamp } from '../support/harness.ts';
import { confirmed, someEvent } from '../support/webhooks.ts';

const { got, organizationId, table } = await openWorld();
const webhook = async (): Promise<string> => {
  const body = { url: `https://hooks.example.com/${stamp()}`, events: ['*'] };
  return confirmed(table, organizationId, await got(201, createWebhook, { as: 'owner', body }));
};
const delivery = async (id: string): Promise<Delivery> =>
  (await listDeliveries(table, { organizationId, id }, { limit: 1 })).items[0]!;
/** A delivery to a webhook, after its target gave an answer. */
const answered = async (id: string, answer: TargetAnswer): Promise<Delivery> => {
  await planDeliveries(table, someEvent(organizationId), Date.now());
  const order = deliveryJobOf(await delivery(id));
  await withGrant(deliverWebhook, () => deliver(table, order, { post: async () => answer, now: Date.now() }));
  return delivery(id);
};
const redeliver = (status: number, webhookId: string, deliveryId: string) =>
  got(status, redeliverWebhook, { as: 'owner', path: { webhookId, deliveryId } });

describe('202', () => {
  it.each<[string, TargetAnswer]>([
    ['was delivered', { status: 200 }],
    ['waits for its next attempt', { status: 500 }],
  ])('what %s is asked for now, and is the same message', async (_, answer) => {
    const id = await webhook();
    const before = await answered(id, answer);
    clock.advance(10_000);
    const { id: deliveryId } = before;
    expect(await redeliver(202, id, deliveryId)).toMatchObject({ id: deliveryId, status: 'pending', attempts: 0 });
    const after = await delivery(id);
    expect(requestsAttempt(before, after)).toBe(true);
    expect(after.payload).toBe(before.payload);
    const sent: string[] = [];
    await deliver(table, deliveryJobOf(after), {
      post: async (__, { headers }) => {
        sent.push(headers['webhook-id'] as string);
        return { status: 200 };
      },
      now: Date.now(),
    });
    expect(sent).toEqual([deliveryId]);
    expect(await delivery(id)).toMatchObject({ status: 'delivered', attempts: 1 });
  });
  it('twice at once it is still one attempt', async () => {
    const id = await webhook();
    const { id: deliveryId } = await answered(id, { status: 200 });
    await Promise.all([redeliver(202, id, deliveryId), redeliver(202, id, deliveryId)]);
    const order = deliveryJobOf(await delivery(id));
    let sent = 0;
    const post = async () => {
      sent++;
      return { status: 200 };
    };
    await Promise.all([1, 2].map(() => deliver(table, order, { post, now: Date.now() })));
    expect(sent).toBe(1);
  });
});

describe('403', () => {
  it('a webhook whose target is gone', async () => {
    const id = await webhook();
    const { id: deliveryId } = await answered(id, { status: 410 });
    const { items } = await got(200, listWebhooks, { as: 'owner' });
    expect(items.find((item: { id: string }) => item.id === id).disabledAt).not.toBeNull();
    expect(await redeliver(403, id, deliveryId)).toMatchObject({ code: 'forbidden' });
  });
});

describe('404', () => {
  it('a delivery that never existed, one of another webhook, and a webhook that never existed', async () => {
    const [one, two] = [await webhook(), await webhook()];
    const { id: deliveryId } = await answered(one, { status: 200 });
    await redeliver(404, one, 'dlv_none');
    await redeliver(404, two, deliveryId);
    await redeliver(404, 'whk_none', deliveryId);
  });
});
