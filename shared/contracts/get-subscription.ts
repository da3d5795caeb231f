import { operation } from './operation.ts';
import { Subscription } from './schemas/subscription.ts';

export const getSubscription = operation({
  name: 'getSubscription',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}',
  tag: 'Subscriptions',
  summary: 'Subscription details: the figures, and what uses them',
  access: { to: 'organization', roles: ['owner', 'admin', 'billing-manager'], vendor: true, keyScope: 'full' },
  answers: { 200: { description: 'The subscription.', body: Subscription } },
  table: {
    ORG: ['GetItem'],
    POOL: ['Query'],
  },
  impact: 'Subscription figures cannot be read; licensing itself works.',
});
