import * as z from 'zod';
import { operation } from './operation.ts';
import { IdempotencyKey, UtcTime } from './schemas/primitives.ts';
import { SigningSecret, Webhook } from './schemas/webhook.ts';

export const rotateWebhookSecret = operation({
  name: 'rotateWebhookSecret',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/webhooks/{webhookId}/rotate-secret',
  tag: 'Webhooks',
  summary: 'Give a webhook a new secret',
  description:
    'For 24 hours, or as long as you say, deliveries are signed with both the new secret and the one before, so that the ' +
    'receiver can change over without missing any. No third one is ever good. Send an `Idempotency-Key` (a random ' +
    'UUID) and a retry gets the same secret again, or 400 if another rotation came since.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: {
    headers: z.object({ 'idempotency-key': IdempotencyKey.optional() }),
    body: z.strictObject({
      overlapHours: z
        .int()
        .min(0)
        .max(168)
        .default(24)
        .meta({ description: 'How long the former secret still signs; 0 if it leaked.' }),
    }),
  },
  answers: {
    200: {
      description: 'Rotated.',
      body: Webhook.extend({ secret: SigningSecret, formerSecretExpiresAt: UtcTime }),
    },
  },
  table: {
    ORG: ['BatchGetItem'],
    WEBHOOKS: ['UpdateItem', 'GetItem'],
    'SECRET#webhooks': ['Query', 'PutItem'],
    SERVICE: ['GetItem'],
    TRAIL: ['UpdateItem'],
    KEYS: ['BatchGetItem'],
  },
  impact: 'Secrets of webhooks cannot be rotated.',
});
