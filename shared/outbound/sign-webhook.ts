import { Webhook as Signer } from 'standardwebhooks';
import type { Delivery } from '../domain/outbox/webhook.ts';

/**
 * Returns the message of a delivery, signed with each of the secrets by the Standard Webhooks scheme: one secret suffices to
 * verify it.
 *
 * @param now the time in the signature, epoch ms: a repeated message is signed again
 */
export const signedMessage = (
  { id, payload }: Pick<Delivery, 'id' | 'payload'>,
  secrets: readonly string[],
  now: number,
): { headers: Record<string, string>; body: string } => ({
  headers: {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    'webhook-signature': secrets.map((secret) => new Signer(secret).sign(id, new Date(now), payload)).join(' '),
    'user-agent': 'Leasehold',
  },
  body: payload,
});
