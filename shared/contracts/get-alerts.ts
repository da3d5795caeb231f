import { operation } from './operation.ts';
import { Alerts } from './schemas/alerts.ts';

export const getAlerts = operation({
  name: 'getAlerts',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/alerts',
  tag: 'Subscriptions',
  summary: 'The alerts of a product',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full' },
  answers: { 200: { description: 'The alerts; all off until somebody sets them.', body: Alerts } },
  table: {
    ORG: ['GetItem'],
  },
  impact: 'The settings of alerts cannot be read; alerts are raised all the same.',
});
