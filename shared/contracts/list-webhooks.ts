import { operation } from './operation.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { ListedWebhook } from './schemas/webhook.ts';
import { signsCursors } from './table-grant.ts';

export const listWebhooks = operation({
  name: 'listWebhooks',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/webhooks',
  tag: 'Webhooks',
  summary: 'Webhooks',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full' },
  input: { query: pageQuery },
  answers: { 200: { description: 'A page of webhooks.', body: pageOf(ListedWebhook) } },
  table: {
    WEBHOOKS: ['Query'],
    DELIVERIES: ['Query'],
    ...signsCursors,
  },
  impact: 'The list of webhooks cannot be read; events are delivered all the same.',
});
