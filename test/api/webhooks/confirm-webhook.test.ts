import { describe, expect, it } from 'vitest';
import { confirmWebhook } from '../../../shared/contracts/confirm-webhook.ts';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { listWebhooks } from '../../../shared/contracts/list-webhooks.ts';
import { removeWebhook } from '../../../shared/contracts/remove-webhook.ts';
import { listDeliveries, planDeliveries } from '../../../shared/table/outbox/deliveries.ts';
import { readWebhook } from '../../../shared/table/outbox/webhooks.ts';
import { clock, type Json, openWorld } from '../support/harness.ts';
import { someEvent } from '../support/webhooks.ts';

const { got, organizationId, foreignId, table } = await openWorld();
const body = { url: 'https://hooks.example.com/', events: ['*'] };
let made = 0;
const create = async (): Promise<string> => {
  const url = `${body.url}${++made}`;
  return (await got(201, createWebhook, { as: 'owner', body: { ...body, url } })).id;
};
const challengeOf = async (id: string) => (await readWebhook(table, { organizationId, id }))?.challenge as string;
const confirm = async (status: number, webhookId: string, challenge: unknown): Promise<Json> =>
  got(status, confirmWebhook, { as: 'admin', path: { webhookId }, body: { challenge } });
const deliveries = async (id: string) =>
  (await listDeliveries(table, { organizationId, id }, { limit: 10 })).items.map(({ event }) => event.id);

describe('200', () => {
  it('with the challenge that its target received: it gets events from then on', async () => {
    const id = await create();
    const early = someEvent(organizationId);
    await planDeliveries(table, early, Date.now());
    clock.advance(10_000);
    const confirmed = await confirm(200, id, await challengeOf(id));
    expect(confirmed).toMatchObject({ id, confirmedAt: expect.any(String), disabledAt: null });
    expect(Date.parse(confirmed.confirmedAt)).toBeGreaterThan(early.at);
    const { items } = await got(200, listWebhooks, { as: 'owner' });
    expect(items).toContainEqual(expect.objectContaining(confirmed));
    const late = someEvent(organizationId);
    for (const event of [early, late]) await planDeliveries(table, event, Date.now());
    expect(await deliveries(id)).toEqual([late.id]);
  });
  it('repeated, it stays confirmed since the first time', async () => {
    const id = await create();
    const first = await confirm(200, id, await challengeOf(id));
    clock.advance(10_000);
    expect(await confirm(200, id, await challengeOf(id))).toEqual(first);
  });
});

describe('400', () => {
  it('another challenge, that of another webhook among them: nothing is confirmed', async () => {
    const [id, other] = [await create(), await create()];
    for (const challenge of ['guessed', await challengeOf(other)])
      expect(await confirm(400, id, challenge)).toMatchObject({ errors: [{ pointer: '/body/challenge' }] });
    await planDeliveries(table, someEvent(organizationId), Date.now());
    expect(await deliveries(id)).toEqual([]);
  });
});

describe('404', () => {
  it('a webhook that never existed, was removed, or is another organization’s', async () => {
    const removed = await create();
    const challenge = await challengeOf(removed);
    await got(204, removeWebhook, { as: 'owner', path: { webhookId: removed } });
    const { id } = await got(201, createWebhook, { as: 'stranger', path: { organizationId: foreignId }, body });
    for (const webhookId of ['whk_none', removed, id]) await confirm(404, webhookId, challenge);
  });
});
