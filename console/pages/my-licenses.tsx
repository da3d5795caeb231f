import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import type { Activation, YourLicense } from '../../client/index.ts';
import { useClient } from '../api/client.tsx';
import { useList } from '../api/use-list.ts';
import { idColumn, timeColumn } from '../components/columns.tsx';
import { BulkDialog } from '../components/dialogs/bulk-dialog.tsx';
import { Empty } from '../components/empty.tsx';
import { ListTable } from '../components/list-table.tsx';
import { pluralize } from '../components/pluralize.ts';
import { ProductStatus } from '../components/product-status.tsx';
import { Status } from '../components/status.tsx';
import { Expiry } from '../components/time/expiry.tsx';
import { dayOf } from '../components/time/format-time.ts';
import { useOrganization } from '../organization/organization.tsx';
import { VendorName } from '../organization/vendor-contact.tsx';
import { Page } from '../shell/page.tsx';

type Session = Activation & { productName: string };

/** Returns whether the member can use a product, and what to do if not. */
const claimOf = ({ status, licenseType, licensedAt }: YourLicense): { can: boolean; text: string } => {
  if (status !== 'active')
    return { can: false, text: `${status === 'expired' ? 'Expired' : 'Suspended'}: ask your vendor` };
  if (licenseType === 'floating') return { can: true, text: 'Any member, while one is free' };
  if (licensedAt === null) return { can: false, text: 'No license: ask an owner or admin' };
  return { can: true, text: `Yours since ${dayOf(Date.parse(licensedAt))}` };
};

const machinesOf = ({ activations }: YourLicense): string[] => [
  ...new Set(activations.map(({ machineId }) => machineId)),
];

/** Returns where the member uses a product now: the sessions name many machines. */
const useOf = (item: YourLicense): string => {
  const machines = machinesOf(item);
  if (machines.length === 0) return 'Not in use';
  return `In use on ${machines.length > 2 ? pluralize(machines.length, 'machine') : machines.join(', ')}`;
};

/** Returns why an activation was refused. */
const refusalOf = ({ reason, quota, inUse }: YourLicense['refusals'][number]): string =>
  reason === 'license-quota'
    ? `${quota === 1 ? 'The only license was' : `All ${quota} licenses were`} in use${inUse > quota ? ` (${inUse} held)` : ''}`
    : `All ${pluralize(quota, 'machine')} were registered (${inUse} in use)`;

/** The user's own licenses, sessions and refusals. */
const MyLicenses = () => {
  const { id: organizationId, name } = useOrganization();
  const client = useClient();
  const [ending, setEnding] = useState<readonly Session[]>();
  const list = useList(
    ['your-licenses', organizationId],
    (query) => client.listYourLicenses({ organizationId, ...query }),
    { loadAll: true },
  );
  const sessions = list.items.flatMap(({ productName, activations }) =>
    activations.map((activation): Session => ({ ...activation, productName })),
  );
  const refusals = list.items.flatMap(({ product, productName, refusals: own }) =>
    own.map((refusal) => ({ ...refusal, product, productName, why: refusalOf(refusal) })),
  );
  return (
    <Page title="My licenses" description={`What you use at ${name}, and where.`}>
      <ListTable
        title="Products"
        nouns={['product', 'products']}
        keptAs="your-products"
        list={list}
        description={
          list.items.some(({ status }) => status !== 'active') && (
            <>
              To use an expired or suspended product again, ask <VendorName />.
            </>
          )
        }
        idOf={({ product }) => product}
        searchTextOf={(item) => [item.productName, item.product, claimOf(item).text, ...machinesOf(item)]}
        columns={[
          {
            id: 'product',
            header: 'Product',
            kind: 'text',
            width: 190,
            sortingField: 'productName',
            isRowHeader: true,
            cell: ({ productName }) => productName,
          },
          {
            id: 'license',
            header: 'Your license',
            width: 265,
            value: (item) => claimOf(item).text,
            cell: (item) => {
              const { can, text } = claimOf(item);
              return <Status type={can ? 'success' : 'stopped'}>{text}</Status>;
            },
          },
          { id: 'use', header: 'In use', value: useOf, cell: useOf },
          { id: 'status', header: 'Status', width: 130, sortingField: 'status', cell: ProductStatus },
          {
            id: 'until',
            header: 'Until',
            kind: 'expiry',
            sortingField: 'expiresAt',
            cell: ({ expiresAt }) => <Expiry at={expiresAt} inLine />,
          },
        ]}
        empty={<Empty title="No products yet">The vendor has not set a subscription for {name}.</Empty>}
      />
      <ListTable
        title="My sessions"
        nouns={['session', 'sessions']}
        keptAs="your-sessions"
        description="Each holds a license until it ends. End a forgotten session to give its license back."
        list={{ ...list, items: sessions }}
        prefix="sessions-"
        idOf={({ product, sessionId }) => `${product} ${sessionId}`}
        searchTextOf={({ productName, machineId, hostname, sessionId }) => [
          productName,
          machineId,
          hostname,
          sessionId,
        ]}
        columns={[
          {
            id: 'product',
            header: 'Product',
            kind: 'text',
            width: 160,
            sortingField: 'productName',
            isRowHeader: true,
            cell: ({ productName }) => productName,
          },
          idColumn('machineId', 'Machine', 'machine ID'),
          idColumn('sessionId', 'Session', 'session ID'),
          timeColumn('activatedAt', 'Since'),
          timeColumn('leaseExpiresAt', 'Lease until'),
        ]}
        actions={(selected) => (
          <Button disabled={selected.length === 0} onClick={() => setEnding(selected)}>
            End session
          </Button>
        )}
        empty={<Empty title="You use no license now">A session of yours appears here while it runs.</Empty>}
      />
      {refusals.length > 0 && (
        <ListTable
          title="My refusals"
          nouns={['refusal', 'refusals']}
          description="Of the last 7 days, the latest of each product."
          list={{ ...list, items: refusals }}
          prefix="refusals-"
          idOf={({ product, at, sessionId }) => `${product} ${at} ${sessionId}`}
          searchTextOf={({ productName, machineId, why }) => [productName, machineId, why]}
          columns={[
            {
              id: 'product',
              header: 'Product',
              sortingField: 'productName',
              isRowHeader: true,
              cell: ({ productName }) => productName,
            },
            { id: 'why', header: 'Why', kind: 'wide', sortingField: 'why', cell: ({ why }) => why },
            idColumn('machineId', 'Machine', 'machine ID'),
            timeColumn('at', 'When'),
          ]}
          empty={null}
        />
      )}
      {ending && (
        <BulkDialog
          items={ending}
          header={(count) => `End ${pluralize(count, 'session')}?`}
          confirm="End"
          nameOf={({ productName, sessionId }) => `${productName}: ${sessionId}`}
          line={({ productName, sessionId, machineId }) => `${productName}: ${sessionId} on ${machineId}`}
          run={({ product, sessionId }) => client.deactivate({ organizationId, product, sessionId })}
          done={`${pluralize(ending.length, 'session')} ended: ${ending.length === 1 ? 'the license is' : 'the licenses are'} free.`}
          invalidates={[['your-licenses', organizationId]]}
          onClose={() => setEnding(undefined)}
        >
          <div>
            {ending.length === 1 ? 'The license is' : 'The licenses are'} free at once. A runner learns of the end at
            its next heartbeat.
          </div>
        </BulkDialog>
      )}
    </Page>
  );
};

export default MyLicenses;
