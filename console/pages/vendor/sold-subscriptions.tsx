import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { SoldSubscription } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useList } from '../../api/use-list.ts';
import { Empty } from '../../components/empty.tsx';
import type { Column } from '../../components/list/column.ts';
import { useUrlState } from '../../components/list/use-url-state.ts';
import { ListTable } from '../../components/list-table.tsx';
import { ProductStatus } from '../../components/product-status.tsx';
import { Expiry } from '../../components/time/expiry.tsx';
import { organizationPath } from '../../shell/paths.ts';
import { useLinkHandler } from '../../shell/use-link-handler.ts';

type State = 'all' | 'ending' | 'full' | 'unused';

const filters: { id: State; text: string }[] = [
  { id: 'all', text: 'All' },
  { id: 'ending', text: 'Ends in 30 days' },
  { id: 'full', text: 'Full' },
  { id: 'unused', text: 'Unused' },
];

const trendText = ({ peak, before }: SoldSubscription['trend']): string => {
  if (peak === null) return 'Not counted yet';
  const most = peak === 0 ? 'Unused' : peak.toLocaleString('en');
  return before === null || before === peak ? most : `${most}, before ${before.toLocaleString('en')}`;
};

const organizationColumn = (onFollow: ReturnType<typeof useLinkHandler>): Column<SoldSubscription> => ({
  id: 'organization',
  header: 'Organization',
  kind: 'person',
  width: 160,
  sortingField: 'organizationName',
  cell: (sold) => (
    <Link href={organizationPath(sold.organizationId, 'products')} onFollow={onFollow}>
      {sold.organizationName}
    </Link>
  ),
});

/** The subscriptions that the vendor sold: to all organizations, or to one. */
export const SoldSubscriptions = ({ organizationId }: { organizationId?: string }) => {
  const client = useClient();
  const onFollow = useLinkHandler();
  const url = useUrlState();
  const state = filters.find(({ id }) => id === url.get('state'))?.id ?? 'all';
  const query = {
    ...(state !== 'all' && { state }),
    ...(organizationId !== undefined && { search: organizationId }),
  };
  const list = useList(['sold', state, organizationId], (page) => client.listSoldSubscriptions({ ...query, ...page }));
  return (
    <SpaceBetween size="m">
      <SegmentedControl
        label="Show"
        selectedId={state}
        options={filters}
        onChange={({ detail }) =>
          url.set({ state: detail.selectedId === 'all' ? undefined : detail.selectedId, page: undefined })
        }
      />
      <ListTable
        title="Subscriptions"
        nouns={['subscription', 'subscriptions']}
        keptAs={organizationId === undefined ? 'subscriptions' : 'subscriptions-of-one'}
        list={list}
        csv={{ name: 'Subscriptions.csv', pieces: () => client.listSoldSubscriptionsCsv(query) }}
        description="The use is counted once an hour. A change appears some seconds later."
        idOf={(sold) => `${sold.organizationId} ${sold.product}`}
        searchTextOf={(sold) => [sold.organizationName, sold.product, sold.productName, sold.status, sold.note]}
        columns={[
          ...(organizationId === undefined ? [organizationColumn(onFollow)] : []),
          {
            id: 'product',
            header: 'Product',
            kind: 'person',
            width: 175,
            sortingField: 'productName',
            isRowHeader: true,
            cell: (sold) => (
              <>
                <Link href={organizationPath(sold.organizationId, 'products', sold.product)} onFollow={onFollow}>
                  {sold.productName}
                </Link>{' '}
                <Box variant="span" color="text-body-secondary">
                  {sold.product}
                  {sold.trial && ', trial'}
                </Box>
              </>
            ),
          },
          {
            id: 'use',
            header: 'In use',
            width: 150,
            value: ({ inUse }) => inUse ?? 0,
            cell: ({ inUse, quota }) =>
              `${inUse === null ? '–' : inUse.toLocaleString('en')} of ${quota.toLocaleString('en')}`,
          },
          { id: 'status', header: 'Status', width: 136, sortingField: 'status', cell: ProductStatus },
          {
            id: 'expiry',
            header: 'Expires',
            width: 250,
            sortingField: 'expiresAt',
            cell: ({ expiresAt }) => <Expiry at={expiresAt} inLine />,
          },
          {
            id: 'note',
            header: 'Note',
            kind: 'text',
            width: 100,
            sortingField: 'note',
            cell: ({ note }) => note ?? '–',
          },
          {
            id: 'trend',
            header: '7-day peak',
            width: 110,
            value: ({ trend }) => trend.peak,
            cell: ({ trend }) => trendText(trend),
          },
        ]}
        empty={
          <Empty title="Nothing here">
            {state === 'all' ? 'Open an organization to sell it a product.' : 'No subscription is in this state.'}
          </Empty>
        }
      />
    </SpaceBetween>
  );
};
