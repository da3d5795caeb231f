import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { SoldSubscription } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useAction } from '../../api/use-action.ts';
import { useList } from '../../api/use-list.ts';
import { Empty } from '../../components/empty.tsx';
import { ListTable } from '../../components/list-table.tsx';
import { ProductStatus } from '../../components/product-status.tsx';
import { saveFile } from '../../components/save-file.ts';
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
  const most = `At most ${peak.toLocaleString('en')} in 7 days`;
  if (before === null || before === peak) return most;
  return `${most}, ${peak > before ? 'up' : 'down'} from ${before.toLocaleString('en')}`;
};

/** The subscriptions that the vendor sold: to all organizations, or to one. */
export const SoldSubscriptions = ({ organizationId }: { organizationId?: string }) => {
  const client = useClient();
  const onFollow = useLinkHandler();
  const [state, setState] = useState<State>('all');
  const query = {
    ...(state !== 'all' && { state }),
    ...(organizationId !== undefined && { search: organizationId }),
  };
  const list = useList(['sold', state, organizationId], (page) => client.listSoldSubscriptions({ ...query, ...page }));
  const download = useAction({
    run: async () => {
      const pieces = await Array.fromAsync(client.listSoldSubscriptionsCsv(query));
      saveFile('Subscriptions.csv', pieces, 'text/csv');
    },
    done: () => 'The list was downloaded.',
    invalidates: [],
  });
  return (
    <SpaceBetween size="m">
      <SpaceBetween direction="horizontal" size="m">
        <SegmentedControl
          label="Show"
          selectedId={state}
          options={filters}
          onChange={({ detail }) => setState(detail.selectedId as State)}
        />
        <Button iconName="download" loading={download.running} onClick={() => download.run()}>
          Download as CSV
        </Button>
      </SpaceBetween>
      <ListTable
        title="Subscriptions"
        nouns={['subscription', 'subscriptions']}
        list={list}
        description="The use is counted once an hour. A change appears some seconds later."
        idOf={(sold) => `${sold.organizationId} ${sold.product}`}
        searchTextOf={(sold) => [sold.organizationName, sold.product, sold.productName, sold.status, sold.note]}
        columns={[
          {
            id: 'organization',
            header: 'Organization',
            sortingField: 'organizationName',
            cell: (sold) => (
              <Link href={organizationPath(sold.organizationId, 'products')} onFollow={onFollow}>
                {sold.organizationName}
              </Link>
            ),
          },
          {
            id: 'product',
            header: 'Product',
            sortingField: 'product',
            isRowHeader: true,
            cell: (sold) => (
              <>
                <Link href={organizationPath(sold.organizationId, 'products', sold.product)} onFollow={onFollow}>
                  {sold.productName}
                </Link>
                <div>
                  {sold.product}
                  {sold.trial && ', trial'}
                </div>
                {sold.note && <em>{sold.note}</em>}
              </>
            ),
          },
          { id: 'status', header: 'Status', minWidth: 145, sortingField: 'status', cell: ProductStatus },
          {
            id: 'use',
            header: 'In use',
            minWidth: 170,
            sortingComparator: (a, b) => (a.inUse ?? 0) - (b.inUse ?? 0),
            cell: ({ inUse, quota, trend }) => (
              <>
                {inUse === null ? '–' : inUse.toLocaleString('en')} of {quota.toLocaleString('en')}
                <div>{trendText(trend)}</div>
              </>
            ),
          },
          {
            id: 'expiry',
            header: 'Expires',
            minWidth: 190,
            sortingField: 'expiresAt',
            cell: ({ expiresAt }) => <Expiry at={expiresAt} />,
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
