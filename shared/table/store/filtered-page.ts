import type { Position } from './keys.ts';

/**
 * A page of those items of a range that are wanted. It reads the range in pages of its own size, however few are asked
 * for, and stops at a bound, however few it found: a small limit over a long range costs no more than a large one.
 *
 * @param read a page of the range
 * @param want those of a page that belong on the list, in their order
 * @param positionOf where the list goes on after an item
 * @param options.most after about this many items of the range, the page ends as it is
 * @param options.mostReads after this many pages of the range too, where these may be empty
 */
export const readFiltered = async <T, W extends T>(
  read: (after: Position | undefined) => Promise<{ items: T[]; next?: Position }>,
  want: (items: T[]) => W[] | Promise<W[]>,
  positionOf: (item: W) => Position,
  options: { limit: number; after?: Position; most: number; mostReads?: number },
): Promise<{ items: W[]; next?: Position }> => {
  const items: W[] = [];
  let after = options.after;
  let looked = 0;
  let reads = 0;
  do {
    const page = await read(after);
    reads++;
    looked += page.items.length;
    items.push(...(await want(page.items)));
    if (items.length > options.limit) {
      const shown = items.slice(0, options.limit);
      return { items: shown, next: positionOf(shown.at(-1) as W) };
    }
    after = page.next;
  } while (after && items.length < options.limit && looked < options.most && reads !== options.mostReads);
  return { items, next: after };
};
