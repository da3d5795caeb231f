import * as z from 'zod';
import { operation } from './operation.ts';
import { Webhook } from './schemas/webhook.ts';

export const confirmWebhook = operation({
  name: 'confirmWebhook',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/webhooks/{webhookId}/confirm',
  tag: 'Webhooks',
  summary: 'Confirm a webhook',
  description:
    'Send the challenge that the target received, if the target does not answer it itself. The service posts events from ' +
    'then on to the webhook. Repeating is harmless.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: {
    body: z.strictObject({
      challenge: z.string().min(1).max(200).meta({ description: 'The `challenge` in the message to the target.' }),
    }),
  },
  answers: { 200: { description: 'Confirmed.', body: Webhook } },
  table: {
    ORG: ['BatchGetItem'],
    WEBHOOKS: ['GetItem', 'UpdateItem'],
    KEYS: ['BatchGetItem'],
    TRAIL: ['UpdateItem'],
  },
  impact: 'Webhooks cannot be confirmed by hand; targets that answer their challenge confirm them all the same.',
});
