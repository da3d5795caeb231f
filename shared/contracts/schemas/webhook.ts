import * as z from 'zod';
import { AuditAction, OrganizationAction } from './audit-event.ts';
import { DeliveryId, UtcTime, WebhookId } from './primitives.ts';

const patternsOf = (actions: readonly AuditAction[]) => {
  const nouns = new Set(actions.map((action) => action.slice(0, action.indexOf('.'))));
  return ['*', ...[...nouns].map((noun) => `${noun}.*`), ...actions];
};

/** Events of a webhook, or of a filter: all, all of one noun, or one action. */
export const EventPattern = z.enum(patternsOf(OrganizationAction.options)).meta({
  id: 'EventPattern',
  description: '`*`, `<noun>.*`, or an action of the audit events.',
  example: 'license.refused',
});

/** The same for the events of the vendor. */
export const VendorEventPattern = z.enum(patternsOf(AuditAction.options)).meta({
  id: 'VendorEventPattern',
  description: '`*`, `<noun>.*`, or an action of the audit events.',
  example: 'product.*',
});

export const WebhookEvents = z.array(EventPattern).min(1).max(50);

export const Webhook = z
  .object({
    id: WebhookId,
    url: z.string(),
    events: WebhookEvents,
    createdAt: UtcTime,
    confirmedAt: UtcTime.nullable().meta({
      description:
        'When the target answered the challenge, or somebody confirmed it by hand: events are sent from then on.',
    }),
    disabledAt: UtcTime.nullable().meta({ description: 'Since its target answered 410, nothing is sent to it.' }),
  })
  .meta({ id: 'Webhook' });

/** A webhook in a list: with its latest deliveries. */
export const ListedWebhook = Webhook.extend({
  latest: z
    .object({
      deliveries: z.int().meta({ description: 'How many of the latest 100 deliveries were attempted.' }),
      failed: z.int().meta({ description: 'How many of them failed at their last attempt.' }),
      lastFailure: z
        .object({ at: UtcTime, status: z.int().nullable(), error: z.string().nullable() })
        .nullable()
        .meta({ description: 'The latest of these failures.' }),
    })
    .meta({ description: 'The latest deliveries.' }),
}).meta({ id: 'ListedWebhook' });

export const SigningSecret = z
  .string()
  .meta({ description: '`whsec_…` of the Standard Webhooks scheme. Keep it: it is not shown again.' });

export const DeliveryStatus = z
  .enum(['pending', 'delivered', 'parked'])
  .meta({ id: 'DeliveryStatus', description: '`parked`: given up, until somebody asks for its redelivery.' });
export type DeliveryStatus = z.infer<typeof DeliveryStatus>;

/** The subject of a delivery: an event, or the challenge. */
const DeliveryAction = z
  .enum([...AuditAction.options, 'webhook.challenge', 'webhook.test'])
  .meta({ id: 'DeliveryAction', description: 'An action of the audit events, `webhook.challenge` or `webhook.test`.' });
export type DeliveryAction = z.infer<typeof DeliveryAction>;

export const WebhookDelivery = z
  .object({
    id: DeliveryId.meta({ description: 'The same in each attempt: its header `webhook-id`.' }),
    event: z.object({ id: z.string(), action: DeliveryAction }),
    request: z
      .string()
      .nullable()
      .meta({ description: 'The posted body; null for the challenge, which the target alone gets.' }),
    status: DeliveryStatus,
    createdAt: UtcTime,
    attempts: z.int().meta({ description: 'Since it was made, or its redelivery was asked for.' }),
    nextAttemptAt: UtcTime.nullable().meta({ description: 'Of a pending one: not before then.' }),
    lastAnswer: z
      .object({
        at: UtcTime.meta({ description: 'When it was sent.' }),
        status: z.int().nullable().meta({ description: 'The HTTP status, if there was an answer.' }),
        error: z.string().nullable().meta({
          description: 'Why there was no answer; `CHALLENGE_NOT_ANSWERED`: the body was not the challenge.',
          example: 'TIMEOUT',
        }),
        body: z.string().nullable().meta({ description: 'The first 1,024 bytes of the body of a refusal.' }),
      })
      .nullable()
      .meta({ description: 'What became of the last attempt.' }),
  })
  .meta({ id: 'WebhookDelivery' });
