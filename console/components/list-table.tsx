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
  /** `machine`, `machines`: what the list is of. */
  nouns: readonly [string, string];
  list: List<T>;
  columns: TableProps.ColumnDefinition<T>[];
  /** What tells an item from the others, also after a refresh. */
  idOf: (item: T) => string;
  /** What is searched in: the words that its row shows. */
  searchTextOf: (item: T) => readonly (string | null | undefined)[];
  /** How the box that selects it is called, where its ID says nothing to people. */
  nameOf?: (item: T) => string;
  /** What to say, and to do, while there is none. */
  empty: ReactNode;
  /** What can be done with what is selected; nothing can be selected without it. */
  actions?: (selected: readonly T[]) => ReactNode;
  /** Told when the user searches or sorts: then the list has to be loaded as a whole. */
  onNeedAll: () => void;
  description?: ReactNode;
  /** `embedded` in a page that has a heading of its own. */
  variant?: TableProps.Variant;
  headingLevel?: 'h1' | 'h2';
}

const PAGE_ROWS = 50;

/**
 * A list with search, sorting, pages and selection, which stay as they are while it refreshes. It shows what is known and
 * loads more as the user goes on; to search or sort, all of it.
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
    // What is selected stays so through a refresh, and on the other pages.
    selection: { keepSelection: true, trackBy: idOf },
  });
  const selection = collectionProps.selectedItems ?? [];
  const known = new Map(list.items.map((item) => [idOf(item), item]));
  // As it is now. What is gone is selected no longer, also if it comes back.
  const selected = selection.flatMap((item) => known.get(idOf(item)) ?? []);
  if (selected.length < selection.length) collection.setSelectedItems(selected);
  const heading = useRef<HTMLSpanElement>(null);
  const buttons = useRef<HTMLDivElement>(null);
  // A button that has nothing more to act on gives up the focus: it goes on from the heading, not from the page's beginning.
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
          props.onNeedAll();
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
              props.onNeedAll();
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
              // One page ahead: the next one is there when the user wants it.
              if (event.detail.currentPageIndex >= pagesCount - 1) list.loadMore();
            }}
          />
        }
      />
    </SpaceBetween>
  );
};

/** Whether one of the words has what is searched for. */
const isAmong = (text: string, words: readonly (string | null | undefined)[]): boolean => {
  const searched = text.trim().toLowerCase();
  return searched === '' || words.some((word) => word?.toLowerCase().includes(searched));
};

const NothingFound = ({ nouns, onClear }: { nouns: readonly [string, string]; onClear: () => void }) => (
  <Empty title={`No ${nouns[1]} match`} action={<Button onClick={onClear}>Clear the search</Button>}>
    No {nouns[0]} has what you search for.
  </Empty>
);
