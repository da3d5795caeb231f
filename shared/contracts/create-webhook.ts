import * as z from 'zod';
import { operation } from './operation.ts';
import { IdempotencyKey, Url } from './schemas/primitives.ts';
import { SigningSecret, Webhook, WebhookEvents } from './schemas/webhook.ts';
import { derivesNames } from './table-grant.ts';

export const createWebhook = operation({
  name: 'createWebhook',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/webhooks',
  tag: 'Webhooks',
  summary: 'Create a webhook',
  description:
    'The service posts a challenge to the URL first. Once the target answers it, or somebody confirms it by hand, the service ' +
    'posts events from then on, signed by the Standard Webhooks scheme with the `secret` that this answer alone shows. The ' +
    'URL is `https`, of a public host, on port 443 or one from 1024 on. The limit `webhooks` bounds the number of ' +
    'webhooks. Send an `Idempotency-Key` (a random UUID) and a retry gets the same webhook again.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: {
    headers: z.object({ 'idempotency-key': IdempotencyKey.optional() }),
    body: z.strictObject({
      url: Url.meta({ example: 'https://hooks.example.com/leasehold' }),
      events: WebhookEvents,
    }),
  },
  answers: { 201: { description: 'Created.', body: Webhook.extend({ secret: SigningSecret }) } },
  problems: ['limit-exceeded'],
  table: {
    WEBHOOKS: ['Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    ...derivesNames,
    'SECRET#webhooks': ['Query', 'PutItem'],
    TRAIL: ['UpdateItem'],
    KEYS: ['BatchGetItem'],
    LIMITS: ['GetItem', 'UpdateItem'],
    ORG: ['GetItem', 'BatchGetItem'],
  },
  impact: 'Webhooks cannot be created; those that exist work.',
});
