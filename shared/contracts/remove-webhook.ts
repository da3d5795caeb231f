import { operation } from './operation.ts';

export const removeWebhook = operation({
  name: 'removeWebhook',
  method: 'DELETE',
  path: '/v1/organizations/{organizationId}/webhooks/{webhookId}',
  tag: 'Webhooks',
  summary: 'Remove a webhook',
  description: 'Nothing more is sent to it, also no delivery that is pending. Repeating is harmless for 30 days.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  answers: { 204: { description: 'Removed.' } },
  table: {
    ORG: ['BatchGetItem'],
    WEBHOOKS: ['UpdateItem'],
    TRAIL: ['UpdateItem'],
    KEYS: ['BatchGetItem'],
  },
  impact: 'Webhooks cannot be removed.',
});
