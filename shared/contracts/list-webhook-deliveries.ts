import { operation } from './operation.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { DeliveryStatus, WebhookDelivery } from './schemas/webhook.ts';
import { signsCursors } from './table-grant.ts';

export const listWebhookDeliveries = operation({
  name: 'listWebhookDeliveries',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/webhooks/{webhookId}/deliveries',
  tag: 'Webhooks',
  summary: 'What was sent to a webhook',
  description: 'Newest events first, for 30 days after they were delivered or parked.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full' },
  input: {
    query: pageQuery.extend({ status: DeliveryStatus.optional() }),
  },
  answers: { 200: { description: 'A page of deliveries.', body: pageOf(WebhookDelivery) } },
  table: {
    WEBHOOKS: ['GetItem'],
    DELIVERIES: ['Query'],
    ...signsCursors,
  },
  impact: 'What was sent to webhooks cannot be read; events are delivered all the same.',
});
