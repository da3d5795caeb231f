import type { Product } from '../../../domain/product.ts';
import { changedValues } from '../event-draft.ts';
import type { Reactions } from '../reactions.ts';
import { newlyRetained } from '../retention.ts';

const offerOf = ({ name, licenseType, terms }: Product) => ({ name, licenseType, terms });

/** The vendor adds a product to its catalogue, changes it, and takes it out. */
export const product: Reactions<'product'> = {
  event: ({ before, after }) => {
    const target = { type: 'product', id: after.product } as const;
    const isOffered = before !== undefined && before.removedAt === undefined;
    if (after.removedAt !== undefined)
      return isOffered
        ? { action: 'product.removed', target, at: after.removedAt, details: offerOf(after) }
        : undefined;
    if (!isOffered) return { action: 'product.added', target, at: after.changedAt, details: offerOf(after) };
    // Without changes, the vendor set the same again.
    const details = changedValues(offerOf(before), offerOf(after));
    return details && { action: 'product.changed', target, at: after.changedAt, details };
  },

  /** From its removal, until the vendor adds it again. */
  retention: (change) =>
    newlyRetained(change, ({ removedAt }) =>
      removedAt === undefined ? undefined : { since: removedAt, unchanged: { removedAt } },
    ),
};
