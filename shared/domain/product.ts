import type * as z from 'zod';
import type { ProductTerms } from '../contracts/schemas/product.ts';
import type { SubscriptionTerms } from './subscription.ts';

/** A product of the vendor's catalogue. */
export interface Product extends Pick<SubscriptionTerms, 'licenseType'> {
  product: string;
  name: string;
  /** The terms of a sale, unless the sale says otherwise. */
  terms: z.output<typeof ProductTerms>;
  /** Epoch ms. */
  changedAt: number;
  /** When the vendor took it out of the catalogue, epoch ms. */
  removedAt?: number;
}

/** The most products that a refused sale names. */
const maxNear = 5;
/** Returns the most changes of a character between a typo and the code that was meant. */
const maxChanges = (code: string) => (code.length < 6 ? 1 : 2);

/** Returns how many characters must be inserted, removed or replaced to get from one text to another. */
const changesBetween = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, character] of Array.from(from).entries()) {
    const next = [index + 1];
    for (const [at, other] of Array.from(to).entries()) {
      const [replaced, removed, inserted] = [row[at], row[at + 1], next[at]] as [number, number, number];
      next.push(Math.min(replaced + (character === other ? 0 : 1), removed + 1, inserted + 1));
    }
    row = next;
  }
  return row[to.length] as number;
};

/** Returns the codes that may be meant by a code that is not in the catalogue, the nearest first. */
export const nearProducts = (code: string, codes: readonly string[]): string[] =>
  codes
    .map((each) => ({ each, changes: each.includes(code) || code.includes(each) ? 1 : changesBetween(code, each) }))
    .filter(({ changes }) => changes <= maxChanges(code))
    .toSorted((a, b) => a.changes - b.changes)
    .slice(0, maxNear)
    .map(({ each }) => each);
