import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Product } from '../../../../client/index.ts';
import { timeColumn } from '../../../components/columns.tsx';
import { Empty } from '../../../components/empty.tsx';
import { ListTable } from '../../../components/list-table.tsx';
import { pluralize } from '../../../components/pluralize.ts';
import { Page } from '../../../shell/page.tsx';
import { licenseTypeText } from '../describe-terms.ts';
import { ProductDialog } from './product-dialog.tsx';
import { RemoveProducts } from './remove-products.tsx';
import { useCatalogue } from './use-catalogue.ts';

/** The products that the vendor sells. */
const Catalogue = () => {
  const list = useCatalogue();
  const [editing, setEditing] = useState<{ product: Product | undefined }>();
  const [removing, setRemoving] = useState<readonly Product[]>();
  const close = () => {
    setEditing(undefined);
    setRemoving(undefined);
  };
  const add = (
    <Button variant="primary" onClick={() => setEditing({ product: undefined })}>
      Add product
    </Button>
  );
  return (
    <Page title="Catalogue" description="The products that you sell, with the terms that a sale begins with.">
      <ListTable
        title="Products"
        nouns={['product', 'products']}
        keptAs="catalogue"
        list={list}
        description={
          list.items.length > 0 &&
          'Only these can be sold. A change is for new sales: sold subscriptions stay as they are.'
        }
        idOf={({ product }) => product}
        nameOf={({ name }) => name}
        searchTextOf={({ product, name, licenseType }) => [product, name, licenseTypeText(licenseType)]}
        columns={[
          {
            id: 'name',
            header: 'Name',
            kind: 'wide',
            sortingField: 'name',
            isRowHeader: true,
            cell: ({ name }) => name,
          },
          { id: 'product', header: 'Code', width: 130, sortingField: 'product', cell: ({ product }) => product },
          {
            id: 'type',
            header: 'License type',
            width: 140,
            value: ({ licenseType }) => licenseTypeText(licenseType),
            cell: ({ licenseType }) => licenseTypeText(licenseType),
          },
          {
            id: 'quota',
            header: 'Licenses',
            width: 120,
            value: ({ terms }) => terms.quota,
            cell: ({ terms }) => terms.quota.toLocaleString('en'),
          },
          {
            id: 'months',
            header: 'Lasts',
            kind: 'count',
            value: ({ terms }) => terms.months,
            cell: ({ terms }) => pluralize(terms.months, 'month'),
          },
          {
            id: 'trial',
            header: 'Trial',
            kind: 'count',
            value: ({ terms }) => terms.trialDays,
            cell: ({ terms }) => pluralize(terms.trialDays, 'day'),
          },
          { ...timeColumn('changedAt', 'Changed'), optional: true },
        ]}
        actions={(selected) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={selected.length === 0} onClick={() => setRemoving(selected)}>
              Remove
            </Button>
            <Button disabled={selected.length !== 1} onClick={() => setEditing({ product: selected[0] })}>
              Change
            </Button>
          </SpaceBetween>
        )}
        create={add}
        empty={
          <Empty title="The catalogue is empty" action={add}>
            Any product code can be sold, a mistyped one too. Add your products: from the first one on, only they can.
          </Empty>
        }
      />
      {editing && (
        <ProductDialog product={editing.product} codes={list.items.map(({ product }) => product)} onClose={close} />
      )}
      {removing && <RemoveProducts products={removing} all={removing.length === list.items.length} onClose={close} />}
    </Page>
  );
};

export default Catalogue;
