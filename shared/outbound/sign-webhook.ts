import { Webhook as Signer } from 'standardwebhooks';
import type { Delivery } from '../domain/outbox/webhook.ts';

/**
 * What is sent of a delivery, signed by the Standard Webhooks scheme with each of the secrets: whoever knows one of them
 * can verify it.
 *
 * @param now goes into the signature, epoch ms: what is sent again is signed again
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
