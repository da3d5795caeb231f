import { operation } from './operation.ts';

export const testAlerts = operation({
  name: 'testAlerts',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/alerts/test',
  tag: 'Subscriptions',
  summary: 'Send a test alert',
  description: 'Mails each owner and admin, and makes the event `alert.raised` of the kind `test`.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  answers: { 204: { description: 'It is on its way.' } },
  problems: ['limit-exceeded', 'too-many-requests'],
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'UpdateItem'],
    KEYS: ['BatchGetItem'],
    TRAIL: ['UpdateItem'],
    LIMITS: ['UpdateItem'],
  },
  impact: 'Test alerts cannot be sent; alerts are raised all the same.',
});
