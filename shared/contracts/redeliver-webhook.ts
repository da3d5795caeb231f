import { operation } from './operation.ts';
import { WebhookDelivery } from './schemas/webhook.ts';

export const redeliverWebhook = operation({
  name: 'redeliverWebhook',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver',
  tag: 'Webhooks',
  summary: 'Deliver an event, or the challenge, again',
  description:
    'Sends it now, whatever became of it before, and if that fails, again and again for 24 hours like a new one. Its ' +
    '`webhook-id` stays the same. Forbidden for a webhook that is disabled.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  answers: { 202: { description: 'It is on its way.', body: WebhookDelivery } },
  problems: ['limit-exceeded', 'too-many-requests'],
  table: {
    WEBHOOKS: ['GetItem'],
    DELIVERIES: ['UpdateItem'],
    ORG: ['BatchGetItem', 'GetItem'],
    KEYS: ['BatchGetItem'],
    TRAIL: ['UpdateItem'],
    LIMITS: ['UpdateItem'],
  },
  impact: 'Events cannot be delivered again by hand.',
});
