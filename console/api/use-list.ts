import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Page } from '../../client/index.ts';
import { REFRESH_MS } from './query-client.ts';
import { useStickyError } from './use-sticky-error.ts';

/** The page size of a request: the service's maximum. */
const PAGE_ITEMS = 200;
/** How many of the latest items a page searches for people who are members no more. */
export const SEARCHED_ITEMS = 2_000;

/** A list with more pages is refreshed less often, so that it asks for at most ten pages a minute. */
const FEW_PAGES = 3;
const REFRESH_MS_PER_PAGE = 6_000;

const refreshMs = (pages: number): number =>
  pages > FEW_PAGES ? Math.max(60_000, pages * REFRESH_MS_PER_PAGE) : REFRESH_MS;

export interface List<T> {
  /** The items loaded so far, in the service's order. */
  items: readonly T[];
  /** Whether the service has more items. */
  more: boolean;
  /** Loads at least so many items, after a running refresh: all of them with `Infinity`. */
  need: (items: number) => void;
  /** No items and no error yet. */
  loading: boolean;
  /** The error of the last attempt; `items` are from `knownAt`. */
  error: unknown;
  /** Epoch ms. */
  knownAt: number;
  refresh: () => void;
}

/**
 * A list of the service, page by page, which refreshes itself.
 *
 * @param key names the list for the actions that change it
 * @param load loads one page
 * @param options.loadAll loads all pages from the start
 */
export const useList = <T>(
  key: readonly unknown[],
  load: (query: { limit: number; cursor: string | undefined }) => PromiseLike<Page<T>>,
  { loadAll = false }: { loadAll?: boolean } = {},
): List<T> => {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: async ({ pageParam }) => await load({ limit: PAGE_ITEMS, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state }) => refreshMs(state.data?.pages.length ?? 0),
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage, refetch } = query;
  const next = data?.pages.at(-1)?.nextCursor;
  const error = useStickyError(query);

  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const [needed, setNeeded] = useState(0);
  // On a busy machine a page may come, even without an item, before a render sees that it is fetched: its cursor asks for the next.
  const lacking = loadAll || items.length < needed;
  useEffect(() => {
    if (lacking && next && !isFetching && !isError) void fetchNextPage();
  }, [lacking, next, isFetching, isError, fetchNextPage]);

  return {
    items,
    more: hasNextPage,
    need: useCallback((count) => setNeeded((before) => Math.max(before, count)), []),
    loading: query.isPending && !error,
    error,
    knownAt: query.dataUpdatedAt,
    refresh: () => void refetch(),
  };
};
