import type { Retained } from '../history/purge.ts';
import type { Key } from '../store/keys.ts';

/**
 * Returns the item that a change makes history; undefined if the item is not history, or was the same history before.
 *
 * @param rule returns the start of an item's retention (epoch ms), and the attributes that must be unchanged at its deletion;
 *   undefined if the item is not history
 */
export const newlyRetained = <T>(
  { key, before, after }: { key: Key; before: T | undefined; after: T },
  rule: (item: T) => Omit<Retained, 'key'> | undefined,
): Retained | undefined => {
  const retained = rule(after);
  if (!retained) return undefined;
  const was = before && rule(before);
  const isSame = Object.entries(retained.unchanged).every(([name, value]) => was?.unchanged[name] === value);
  return was && isSame ? undefined : { key, ...retained };
};
