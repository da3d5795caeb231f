import * as z from 'zod';
import { operation } from './operation.ts';
import { OrganizationId } from './schemas/primitives.ts';
import { WebhookId } from './schemas/webhook.ts';

export const removeWebhook = operation({
  name: 'removeWebhook',
  method: 'DELETE',
  path: '/v1/organizations/{organizationId}/webhooks/{webhookId}',
  tag: 'Webhooks',
  summary: 'Remove a webhook',
  description: 'Nothing more is sent to it, also no delivery that is pending. Repeating is harmless for 30 days.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: { path: z.strictObject({ organizationId: OrganizationId, webhookId: WebhookId }) },
  answers: { 204: { description: 'Removed.' } },
  problems: [],
  table: {
    WEBHOOKS: ['UpdateItem'],
    TRAIL: ['UpdateItem'],
    USER: ['ConditionCheckItem'],
    KEYS: ['ConditionCheckItem'],
  },
  impact: 'Webhooks cannot be removed.',
});
