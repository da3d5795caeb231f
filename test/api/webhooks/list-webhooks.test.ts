import { expect, it } from 'vitest';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { listWebhooks } from '../../../shared/contracts/list-webhooks.ts';
import { removeWebhook } from '../../../shared/contracts/remove-webhook.ts';
import { openWorld } from '../support/harness.ts';

const { got, foreignId } = await openWorld();
const nothingSent = { deliveries: 0, failed: 0, lastFailure: null };
const body = { url: 'https://hooks.example.com/', events: ['*'] };

it('200: shows each as its creation did, without the secret; removed and others’ ones are not in it', async () => {
  const { secret, ...kept } = await got(201, createWebhook, { as: 'owner', body });
  const removed = await got(201, createWebhook, { as: 'owner', body: { ...body, url: `${body.url}other` } });
  await got(204, removeWebhook, { as: 'owner', path: { webhookId: removed.id } });
  await got(201, createWebhook, { as: 'stranger', path: { organizationId: foreignId }, body });
  expect(secret).toBeDefined();
  for (const as of ['owner', 'admin'] as const)
    expect(await got(200, listWebhooks, { as })).toEqual({ items: [{ ...kept, latest: nothingSent }] });
});
