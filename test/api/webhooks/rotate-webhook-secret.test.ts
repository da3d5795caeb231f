import { Webhook as Receiver } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { deliverWebhook } from '../../../infra/functions.ts';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { rotateWebhookSecret } from '../../../shared/contracts/rotate-webhook-secret.ts';
import { deliver, deliveryJobOf } from '../../../shared/outbound/deliver-webhook.ts';
import { listDeliveries, planDeliveries } from '../../../shared/table/outbox/deliveries.ts';
import { withGrant } from '../support/grants.ts';
import { type Json, openWorld, stamp, utcIn } from '../support/harness.ts';
import { confirmed, someEvent } from '../support/webhooks.ts';

const { got, organizationId, foreignId, table } = await openWorld();
const create = async (): Promise<Json> =>
  got(201, createWebhook, { as: 'owner', body: { url: `https://hooks.example.com/${stamp()}`, events: ['*'] } });
const rotate = async (status: number, webhookId: string, body: object = {}, key?: string): Promise<Json> =>
  got(status, rotateWebhookSecret, {
    as: 'owner',
    path: { webhookId },
    body,
    ...(key && { headers: { 'idempotency-key': key } }),
  });

/** Returns the secrets that verify a message to a webhook at a time. */
const good = async (id: string, secrets: string[], now = Date.now()): Promise<boolean[]> => {
  await confirmed(table, organizationId, { id });
  await planDeliveries(table, someEvent(organizationId), Date.now());
  const { items: deliveries } = await listDeliveries(table, { organizationId, id }, { limit: 1 });
  let verified: boolean[] = [];
  const sending = {
    now,
    post: async (_: string, { headers, body }: { headers: Record<string, string>; body: string }) => {
      // The receiver's clock is the sender's.
      const current = { ...headers };
      verified = secrets.map((secret) => {
        const [sent] = [new Date(Number(current['webhook-timestamp']) * 1000)];
        const own = new Receiver(secret).sign(current['webhook-id'] as string, sent, body);
        return (current['webhook-signature'] as string).split(' ').includes(own);
      });
      return { status: 200 };
    },
  } satisfies Parameters<typeof deliver>[2];
  await withGrant(deliverWebhook, () => deliver(table, deliveryJobOf(deliveries[0]!), sending));
  return verified;
};

describe('200', () => {
  it('a new secret, beside which the former one signs for 24 hours', async () => {
    const { id, secret: former, ...shown } = await create();
    const { secret, formerSecretExpiresAt, ...rotated } = await rotate(200, id);
    expect(rotated).toEqual({ id, ...shown });
    expect(secret).not.toBe(former);
    expect(Date.parse(formerSecretExpiresAt)).toBeCloseTo(Date.parse(utcIn(24 * 3_600_000)), -5);
    const until = Date.parse(formerSecretExpiresAt);
    expect(await good(id, [former, secret], until - 1)).toEqual([true, true]);
    expect(await good(id, [former, secret], until)).toEqual([false, true]);
  });
  it('without overlap the former secret is invalid at once', async () => {
    const { id, secret: former } = await create();
    const { secret } = await rotate(200, id, { overlapHours: 0 });
    expect(await good(id, [former, secret])).toEqual([false, true]);
  });
  it('of three, the newest two are good', async () => {
    const { id, secret: first } = await create();
    const [{ secret: second }, { secret: third }] = [await rotate(200, id), await rotate(200, id)];
    expect(await good(id, [first, second, third])).toEqual([false, true, true]);
  });
  it('repeated with its Idempotency-Key, also at once, it is one rotation', async () => {
    const { id, secret: former } = await create();
    const key = stamp();
    const answers = await Promise.all([1, 2, 3].map(() => rotate(200, id, {}, key)));
    answers.push(await rotate(200, id, {}, key));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await good(id, [former, answers[0].secret])).toEqual([true, true]);
    expect((await rotate(200, id, {}, stamp())).secret).not.toBe(answers[0].secret);
  });
});

describe('a late repetition', () => {
  it('of a rotation before the last is 400, and rotates nothing', async () => {
    const { id } = await create();
    const [early, late] = [stamp(), stamp()];
    const [{ secret: first }, { secret: second }] = [await rotate(200, id, {}, early), await rotate(200, id, {}, late)];
    for (const key of [early, early])
      expect(await rotate(400, id, {}, key)).toMatchObject({ errors: [{ pointer: '/headers/idempotency-key' }] });
    expect((await rotate(200, id, {}, late)).secret).toBe(second);
    expect(await good(id, [first, second])).toEqual([true, true]);
  });
});

describe('404', () => {
  it('a webhook that never existed, and one of another organization', async () => {
    const path = { organizationId: foreignId };
    const body = { url: `https://hooks.example.com/${stamp()}`, events: ['*'] };
    const { id } = await got(201, createWebhook, { as: 'stranger', path, body });
    for (const webhookId of ['whk_none', id]) await rotate(404, webhookId);
  });
});

describe('400', () => {
  it.each([-1, 169, 1.5, '24'])('an overlap of %j hours', async (overlapHours) => {
    const { id } = await create();
    expect(await rotate(400, id, { overlapHours })).toMatchObject({ errors: [{ pointer: '/body/overlapHours' }] });
  });
});
