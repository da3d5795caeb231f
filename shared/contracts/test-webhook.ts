import { operation } from './operation.ts';
import { WebhookDelivery } from './schemas/webhook.ts';

export const testWebhook = operation({
  name: 'testWebhook',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/webhooks/{webhookId}/test',
  tag: 'Webhooks',
  summary: 'Send a test event to a webhook',
  description:
    'Sends `webhook.test`, whatever the webhook subscribes to, and attempts it like an event. The list of deliveries shows ' +
    'the answer. Forbidden for a webhook that is disabled or not confirmed. Counts as a redelivery.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  answers: { 202: { description: 'It is on its way.', body: WebhookDelivery } },
  problems: ['limit-exceeded', 'too-many-requests'],
  table: {
    WEBHOOKS: ['GetItem'],
    DELIVERIES: ['PutItem'],
    ORG: ['BatchGetItem', 'GetItem'],
    KEYS: ['BatchGetItem'],
    TRAIL: ['UpdateItem'],
    LIMITS: ['UpdateItem'],
  },
  impact: 'Test events cannot be sent; events are delivered all the same.',
});
