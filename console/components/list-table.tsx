import { processItems } from '@cloudscape-design/collection-hooks/operations';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { lazy, type ReactNode, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { List } from '../api/use-list.ts';
import { Empty } from './empty.tsx';
import { type Column, complete } from './list/column.ts';
import { type CsvFile, DownloadCsv } from './list/download-csv.tsx';
import type ListCardsOf from './list/list-cards.tsx';
import { ListRows } from './list/list-rows.tsx';
import { usePhone } from './list/use-phone.ts';
import { usePreferences } from './list/use-preferences.ts';
import { useUrlState } from './list/use-url-state.ts';
import { Loading } from './loading.tsx';
import { Outdated, ProblemAlert } from './problem.tsx';

const ListPreferences = lazy(() => import('./list/list-preferences.tsx'));
// `lazy` forgets the type of the items.
const ListCards = lazy(() => import('./list/list-cards.tsx')) as unknown as typeof ListCardsOf;

interface ListTableProps<T> {
  title: string;
  /** The noun for an item: `machine`, `machines`. */
  nouns: readonly [string, string];
  /** The name by which the browser keeps the user's choices. Default: the plural noun. */
  keptAs?: string;
  list: List<T>;
  /** The most important facts first. */
  columns: readonly Column<NoInfer<T>>[];
  /** The stable ID of an item. */
  idOf: (item: T) => string;
  /** The texts to search in: those that the row shows. */
  searchTextOf: (item: T) => readonly (string | null | undefined)[];
  /** The label of the checkbox, where the ID means nothing to people. */
  nameOf?: (item: T) => string;
  /** The content of an empty list. */
  empty: ReactNode;
  /** The actions on the selected items; without it, items can't be selected. */
  actions?: (selected: readonly T[]) => ReactNode;
  /** The button that makes a new item. */
  create?: ReactNode;
  description?: ReactNode;
  /** The fields beside the search. */
  filters?: ReactNode;
  /** How many items the service has, where it is known before all are loaded. */
  total?: number;
  /** The service's own file of the whole list. Default: the shown items as a file. */
  csv?: CsvFile;
  /** Keeps the lists of one page apart in its address: begins the names of their values there. */
  prefix?: string;
  /** `embedded` in a page with its own heading. */
  variant?: TableProps.Variant;
  headingLevel?: 'h1' | 'h2';
}

/** Fewer cards than rows: each is some rows high. */
const PHONE_ITEMS = 20;

/**
 * A list with search, sorting, pages and selection, which survive a refresh. The address holds search, order and page; the
 * browser keeps the user's columns, their widths, page size and density. Loads more pages as the user turns them; loads all to search or sort.
 * On a phone, each item is a card.
 */
export const ListTable = <T,>({ title, nouns, list, idOf, empty, actions, create, ...props }: ListTableProps<T>) => {
  const columns = props.columns.map(complete);
  const [, plural] = nouns;
  const phone = usePhone();
  const url = useUrlState(props.prefix);
  const [preferences, keepPreferences] = usePreferences(props.keptAs ?? plural, columns);
  const pageSize = phone ? Math.min(PHONE_ITEMS, preferences.pageSize) : preferences.pageSize;

  const text = url.get('q') ?? '';
  const order = url.get('sort') ?? '';
  const isDescending = order.startsWith('-');
  const sortingColumn = columns.find(({ id }) => id === order.slice(isDescending ? 1 : 0));
  const page = Math.max(1, Number.parseInt(url.get('page') ?? '1', 10) || 1);
  const {
    items,
    allPageItems,
    pagesCount = 1,
    actualPageIndex = 1,
    filteredItemsCount,
  } = processItems(
    list.items,
    {
      filteringText: text,
      sortingColumns: sortingColumn && [{ sortingColumn, isDescending }],
      currentPageIndex: page,
    },
    {
      filtering: { filteringFunction: (item, searched) => isAmong(searched, props.searchTextOf(item)) },
      sorting: {},
      pagination: { pageSize, allowPageOutOfRange: list.more },
    },
  );
  // Load all to search or sort; otherwise one page ahead.
  const needed = text || sortingColumn ? Number.POSITIVE_INFINITY : (page + 1) * pageSize;
  const { need } = list;
  useEffect(() => need(needed), [need, needed]);

  const [selection, setSelection] = useState<readonly T[]>([]);
  const known = new Map(list.items.map((item) => [idOf(item), item]));
  // The current items, also of other pages. Deselect removed items for good.
  const selected = selection.flatMap((item) => known.get(idOf(item)) ?? []);
  if (selected.length < selection.length) setSelection(selected);

  const heading = useRef<HTMLSpanElement>(null);
  const buttons = useRef<HTMLDivElement>(null);
  // When a focused button gets disabled, move the focus to the heading, not to the start of the page.
  useLayoutEffect(() => {
    if (buttons.current?.querySelector(':focus:disabled')) heading.current?.focus();
  });

  if (list.error && list.items.length === 0 && !list.loading)
    return <ProblemAlert error={list.error} onRetry={list.refresh} />;

  const loaded = list.items.length;
  const total = list.more ? (props.total ?? 0) : loaded;
  const isCounted = total >= loaded;
  const pages = text || !isCounted ? pagesCount : Math.max(1, Math.ceil(total / pageSize));
  const shown = preferences.contentDisplay.filter(({ visible }) => visible);
  const search = (
    <TextFilter
      filteringText={text}
      filteringPlaceholder={`Find ${plural}`}
      filteringAriaLabel={`Find ${plural}`}
      countText={text && `${filteredItemsCount} found${list.more ? ' so far' : ''}`}
      onChange={({ detail }) => url.type({ q: detail.filteringText, page: undefined })}
    />
  );
  const shared = {
    items,
    selectedItems: selected,
    onSelectionChange: ({ detail }: { detail: { selectedItems: T[] } }) => setSelection(detail.selectedItems),
    trackBy: idOf,
    loading: list.loading || (list.more && items.length === 0),
    loadingText: `Loading ${plural}`,
    empty: text ? <NothingFound nouns={nouns} onClear={() => url.set({ q: undefined })} /> : empty,
    header: (
      <Header
        variant={props.headingLevel ?? 'h2'}
        counter={list.loading ? undefined : counterText(selected.length, isCounted ? total : undefined, loaded)}
        description={props.description}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {actions && !phone && <div ref={buttons}>{actions(selected)}</div>}
            <DownloadCsv
              title={title}
              plural={plural}
              columns={columns}
              file={text ? undefined : props.csv}
              items={list.more ? undefined : allPageItems}
              onLoad={() => need(Number.POSITIVE_INFINITY)}
            />
            {create}
          </SpaceBetween>
        }
      >
        <span ref={heading} tabIndex={-1}>
          {title}
        </span>
      </Header>
    ),
    filter: props.filters ? (
      <div className="list-filters">
        {search}
        {props.filters}
      </div>
    ) : (
      search
    ),
    pagination: (
      <Pagination
        currentPageIndex={actualPageIndex}
        pagesCount={pages}
        openEnd={list.more && !isCounted}
        onChange={({ detail }) =>
          url.set({ page: detail.currentPageIndex === 1 ? undefined : String(detail.currentPageIndex) })
        }
      />
    ),
    preferences: (
      <Suspense>
        <ListPreferences
          plural={plural}
          columns={columns.map(({ id = '', header, isRowHeader = false }) => ({
            id,
            label: String(header),
            alwaysVisible: isRowHeader,
          }))}
          preferences={preferences}
          onChange={keepPreferences}
        />
      </Suspense>
    ),
  };
  const selectionLabels = {
    selectionGroupLabel: `Selection of ${plural}`,
    itemSelectionLabel: (_: unknown, item: T) => `Select ${(props.nameOf ?? idOf)(item)}`,
  };
  return (
    <SpaceBetween size="m">
      {Boolean(list.error) && <Outdated error={list.error} since={list.knownAt} onRetry={list.refresh} />}
      {phone ? (
        <Suspense fallback={<Loading text={`Loading ${plural}`} />}>
          <ListCards
            {...shared}
            columns={shown.flatMap(({ id }) => columns.find((column) => column.id === id) ?? [])}
            {...(actions && { selectionType: 'multi' })}
            ariaLabels={selectionLabels}
            selectedActions={
              actions &&
              selected.length > 0 && (
                <SpaceBetween direction="horizontal" size="xs" alignItems="center">
                  <Box variant="strong">{selected.length.toLocaleString('en')} selected</Box>
                  <Button iconName="close" variant="icon" ariaLabel="Select nothing" onClick={() => setSelection([])} />
                  {actions(selected)}
                </SpaceBetween>
              )
            }
          />
        </Suspense>
      ) : (
        <ListRows
          {...shared}
          columns={columns}
          widths={preferences.widths}
          onWidthsChange={(widths) => keepPreferences({ widths })}
          columnDisplay={preferences.contentDisplay}
          contentDensity={preferences.contentDensity}
          wrapLines={preferences.wrapLines}
          variant={props.variant ?? 'container'}
          {...(actions && { selectionType: 'multi' })}
          {...(sortingColumn && { sortingColumn, sortingDescending: isDescending })}
          onSortingChange={({ detail }) => {
            const id = columns.find((column) => isSameOrder(column, detail.sortingColumn))?.id;
            url.set({ sort: id && `${detail.isDescending ? '-' : ''}${id}`, page: undefined });
          }}
          stickyHeader
          enableKeyboardNavigation
          ariaLabels={{
            tableLabel: title,
            allItemsSelectionLabel: () => `Select all ${plural} of this page`,
            ...selectionLabels,
          }}
        />
      )}
    </SpaceBetween>
  );
};

/** Says how many items there are, or how many are loaded of an unknown number. */
const counterText = (selected: number, total: number | undefined, loaded: number): string => {
  const count = total === undefined ? `first ${loaded.toLocaleString('en')} loaded` : total.toLocaleString('en');
  if (selected === 0) return `(${count})`;
  return total === undefined ? `(${selected} selected, ${count})` : `(${selected.toLocaleString('en')}/${count})`;
};

const isSameOrder = <T,>(column: Column<T>, other: TableProps.SortingColumn<T>): boolean =>
  column === other ||
  (column.sortingField !== undefined && column.sortingField === other.sortingField) ||
  (column.sortingComparator !== undefined && column.sortingComparator === other.sortingComparator);

/** Returns whether one of the words contains the searched text. */
const isAmong = (text: string, words: readonly (string | null | undefined)[]): boolean => {
  const searched = text.trim().toLowerCase();
  return searched === '' || words.some((word) => word?.toLowerCase().includes(searched));
};

const NothingFound = ({
  nouns: [singular, plural],
  onClear,
}: {
  nouns: readonly [string, string];
  onClear: () => void;
}) => (
  <Empty title={`No ${plural} match`} action={<Button onClick={onClear}>Clear the search</Button>}>
    No {singular} has what you search for.
  </Empty>
);
