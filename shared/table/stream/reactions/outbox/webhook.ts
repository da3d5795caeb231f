import { utc } from '../../../../domain/activation.ts';
import { removedForMs } from '../../../outbox/webhooks.ts';
import type { Reactions } from '../../reactions.ts';

/** A webhook is created, its target answers the challenge, its secret is rotated, and it is removed. */
export const webhook: Reactions<'webhook'> = {
  /** After a removal: delete the webhook. */
  due: ({ before, after: { organizationId, id, removedAt } }) =>
    removedAt === undefined || before?.removedAt === removedAt
      ? undefined
      : [{ kind: 'webhook', at: removedAt + removedForMs, webhook: { organizationId, id } }],

  event: ({ before, after }) => {
    const { id, url, events, createdAt, confirmedAt, removedAt, secretVersion, formerSecretUntil } = after;
    const target = { type: 'webhook', id } as const;
    // The host alone: the rest of the URL may be a secret of the target.
    const details = { host: new URL(url).host, events };
    if (!before) return { action: 'webhook.created', target, at: createdAt, details };
    if (before.removedAt === undefined && removedAt !== undefined)
      return { action: 'webhook.removed', target, at: removedAt, details };
    if (before.confirmedAt === undefined && confirmedAt !== undefined)
      return { action: 'webhook.confirmed', target, at: confirmedAt, details };
    if (before.secretVersion !== secretVersion)
      return {
        action: 'webhook.secret-rotated',
        target,
        details: { ...details, formerSecretExpiresAt: formerSecretUntil === undefined ? null : utc(formerSecretUntil) },
      };
    return undefined;
  },

  /** The challenge of a new webhook. A webhook from before challenges existed has none. */
  challenge: ({ before, after }) =>
    before || after.challenge === undefined ? undefined : { ...after, challenge: after.challenge },
};
