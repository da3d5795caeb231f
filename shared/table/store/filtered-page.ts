import type { Page, PageRequest, Position } from './keys.ts';

/**
 * Reads a page of a filtered range. The size of each read does not depend on the limit, and the reads stop at a bound. So
 * a small limit over a long range costs no more than a large one.
 *
 * @param read reads a page of the range
 * @param want returns the entries of the list that a page gives, in order
 * @param positionOf returns the position of an item
 * @param options.most ends the page after about this many items of the range
 * @param options.mostReads ends the page after this many reads, for ranges with empty pages
 */
export const readFiltered = async <T, W>(
  read: (after: Position | undefined) => Promise<Page<T>>,
  want: (items: T[]) => W[] | Promise<W[]>,
  positionOf: (item: W) => Position,
  options: PageRequest & { most: number; mostReads?: number },
): Promise<Page<W>> => {
  const items: W[] = [];
  let after = options.after;
  let count = 0;
  let reads = 0;
  do {
    const page = await read(after);
    reads++;
    count += page.items.length;
    items.push(...(await want(page.items)));
    if (items.length > options.limit) {
      const shown = items.slice(0, options.limit);
      return { items: shown, next: positionOf(shown.at(-1) as W) };
    }
    after = page.next;
  } while (after && items.length < options.limit && count < options.most && reads !== options.mostReads);
  return { items, next: after };
};
