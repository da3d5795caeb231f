import { useCollection } from '@cloudscape-design/collection-hooks';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import type { List } from '../api/use-list.ts';
import { Empty } from './empty.tsx';
import { Outdated, ProblemAlert } from './problem.tsx';

interface ListTableProps<T> {
  title: string;
  /** The noun for an item: `machine`, `machines`. */
  nouns: readonly [string, string];
  list: List<T>;
  columns: TableProps.ColumnDefinition<NoInfer<T>>[];
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
  description?: ReactNode;
  /** `embedded` in a page with its own heading. */
  variant?: TableProps.Variant;
  headingLevel?: 'h1' | 'h2';
}

const PAGE_ROWS = 50;

/**
 * A list with search, sorting, pages and selection, which survive a refresh. Loads more pages as the user turns them; loads all
 * to search or sort.
 */
export const ListTable = <T,>({ title, nouns, list, columns, idOf, empty, actions, ...props }: ListTableProps<T>) => {
  const {
    items,
    actions: collection,
    collectionProps,
    filterProps,
    paginationProps,
    filteredItemsCount,
  } = useCollection(list.items, {
    filtering: {
      empty,
      noMatch: <NothingFound nouns={nouns} onClear={() => collection.setFiltering('')} />,
      filteringFunction: (item, text) => isAmong(text, props.searchTextOf(item)),
    },
    sorting: {},
    pagination: { pageSize: PAGE_ROWS, allowPageOutOfRange: list.more },
    // Keep the selection through a refresh, and on other pages.
    selection: { keepSelection: true, trackBy: idOf },
  });
  const selection = collectionProps.selectedItems ?? [];
  const known = new Map(list.items.map((item) => [idOf(item), item]));
  // The current items. Deselect removed items for good.
  const selected = selection.flatMap((item) => known.get(idOf(item)) ?? []);
  if (selected.length < selection.length) collection.setSelectedItems(selected);
  const heading = useRef<HTMLSpanElement>(null);
  const buttons = useRef<HTMLDivElement>(null);
  // When a focused button gets disabled, move the focus to the heading, not to the start of the page.
  useLayoutEffect(() => {
    if (buttons.current?.querySelector(':focus:disabled')) heading.current?.focus();
  });
  const count = list.items.length.toLocaleString('en');
  const countText = selected.length > 0 ? `${selected.length.toLocaleString('en')}/${count}` : count;
  const { currentPageIndex, pagesCount } = paginationProps;
  const underWay = list.more && currentPageIndex > Math.max(1, pagesCount);
  const sorting = collectionProps.onSortingChange;
  const onPageChange = paginationProps.onChange;
  const onFilterChange = filterProps.onChange;

  if (list.error && list.items.length === 0 && !list.loading)
    return <ProblemAlert error={list.error} onRetry={list.refresh} />;
  return (
    <SpaceBetween size="m">
      {Boolean(list.error) && <Outdated error={list.error} since={list.knownAt} onRetry={list.refresh} />}
      <Table
        {...collectionProps}
        items={items}
        selectedItems={selected}
        columnDefinitions={columns}
        trackBy={idOf}
        variant={props.variant ?? 'container'}
        loading={list.loading || underWay}
        loadingText={`Loading ${nouns[1]}`}
        selectionType={actions && 'multi'}
        onSortingChange={(event) => {
          list.loadAll();
          sorting?.(event);
        }}
        wrapLines
        enableKeyboardNavigation
        ariaLabels={{
          tableLabel: title,
          selectionGroupLabel: `Selection of ${nouns[1]}`,
          allItemsSelectionLabel: () => `Select all ${nouns[1]} of this page`,
          itemSelectionLabel: (_, item) => `Select ${(props.nameOf ?? idOf)(item)}`,
        }}
        header={
          <Header
            variant={props.headingLevel ?? 'h2'}
            counter={list.loading ? undefined : `(${countText}${list.more ? '+' : ''})`}
            description={props.description}
            actions={actions && <div ref={buttons}>{actions(selected)}</div>}
          >
            <span ref={heading} tabIndex={-1}>
              {title}
            </span>
          </Header>
        }
        filter={
          <TextFilter
            {...filterProps}
            filteringPlaceholder={`Find ${nouns[1]}`}
            filteringAriaLabel={`Find ${nouns[1]}`}
            countText={`${filteredItemsCount} found${list.more ? ' so far' : ''}`}
            onChange={(event) => {
              list.loadAll();
              onFilterChange(event);
            }}
          />
        }
        pagination={
          <Pagination
            {...paginationProps}
            openEnd={list.more}
            onChange={(event) => {
              onPageChange(event);
              // Load one page ahead.
              if (event.detail.currentPageIndex >= pagesCount - 1) list.loadMore();
            }}
          />
        }
      />
    </SpaceBetween>
  );
};

/** Returns whether one of the words contains the searched text. */
const isAmong = (text: string, words: readonly (string | null | undefined)[]): boolean => {
  const searched = text.trim().toLowerCase();
  return searched === '' || words.some((word) => word?.toLowerCase().includes(searched));
};

const NothingFound = ({ nouns, onClear }: { nouns: readonly [string, string]; onClear: () => void }) => (
  <Empty title={`No ${nouns[1]} match`} action={<Button onClick={onClear}>Clear the search</Button>}>
    No {nouns[0]} has what you search for.
  </Empty>
);
