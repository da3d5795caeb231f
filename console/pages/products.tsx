import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import type { TableProps } from '@cloudscape-design/components/table';
import { lazy } from 'react';
import type { Subscription, SubscriptionSummary } from '../../client/index.ts';
import { useClient } from '../api/client.tsx';
import { useList } from '../api/use-list.ts';
import { Available } from '../components/available.tsx';
import { Empty } from '../components/empty.tsx';
import { ListTable } from '../components/list-table.tsx';
import { ProductStatus } from '../components/product-status.tsx';
import { Expiry } from '../components/time/expiry.tsx';
import { UsageBar } from '../components/usage-bar.tsx';
import { useOrganization } from '../organization/organization.tsx';
import { isVendor, seesFigures } from '../organization/roles.ts';
import { VendorName } from '../organization/vendor-contact.tsx';
import { Page } from '../shell/page.tsx';
import { organizationPath } from '../shell/paths.ts';
import { useLinkHandler } from '../shell/use-link-handler.ts';
import { usedOf } from './product/figures.ts';

const OrganizationPage = lazy(() => import('./vendor/organization-page.tsx'));

type Product = Subscription | SubscriptionSummary;

const figuresOf = (product: Product): Subscription | undefined => ('quota' in product ? product : undefined);

/** The columns for roles that see figures. */
const figureColumns: TableProps.ColumnDefinition<Product>[] = [
  {
    id: 'use',
    header: 'In use',
    minWidth: 150,
    sortingComparator: (a, b) => share(a) - share(b),
    cell: (product) => {
      const figures = figuresOf(product);
      return figures && <UsageBar used={usedOf(figures)} quota={figures.quota} of={`${product.product} licenses`} />;
    },
  },
  {
    id: 'available',
    header: 'Available',
    sortingComparator: (a, b) => (figuresOf(a)?.available ?? 0) - (figuresOf(b)?.available ?? 0),
    cell: (product) => {
      const figures = figuresOf(product);
      return figures && <Available {...figures} />;
    },
  },
  {
    id: 'expiry',
    header: 'Expires',
    // As wide as a date with a warning sign: the names of products wrap before a date is cut off.
    minWidth: 190,
    sortingComparator: (a, b) => (figuresOf(a)?.expiresAt ?? '').localeCompare(figuresOf(b)?.expiresAt ?? ''),
    cell: (product) => {
      const { expiresAt } = figuresOf(product) ?? {};
      return expiresAt && <Expiry at={expiresAt} />;
    },
  },
];

const typeText = (type: Product['licenseType']) => (type === 'floating' ? 'Floating' : 'Per user');

const share = (product: Product) => {
  const figures = figuresOf(product);
  return figures && figures.quota > 0 ? usedOf(figures) / figures.quota : 0;
};

const Products = () => {
  const { role } = useOrganization();
  return isVendor(role) ? <OrganizationPage /> : <ProductList />;
};

const ProductList = () => {
  const { id: organizationId, name, role } = useOrganization();
  const client = useClient();
  const onFollow = useLinkHandler();
  const list = useList(['products', organizationId], (query) => client.listSubscriptions({ organizationId, ...query }));

  const columns: TableProps.ColumnDefinition<Product>[] = [
    {
      id: 'product',
      header: 'Product',
      sortingField: 'productName',
      isRowHeader: true,
      cell: ({ product, productName }) => (
        <>
          <Link href={organizationPath(organizationId, 'products', product)} onFollow={onFollow}>
            {productName}
          </Link>
          <Box variant="small" display="block" color="text-body-secondary">
            {product}
          </Box>
        </>
      ),
    },
    {
      id: 'type',
      header: 'License type',
      sortingField: 'licenseType',
      cell: ({ licenseType }) => typeText(licenseType),
    },
    { id: 'status', header: 'Status', minWidth: 145, sortingField: 'status', cell: ProductStatus },
    ...(seesFigures(role) ? figureColumns : []),
  ];
  return (
    <Page title="Products" description={`What ${name} has licenses for.`}>
      {!seesFigures(role) && (
        <Alert type="info" header="Figures are for owners, admins and billing managers">
          You can use these products. How many licenses there are and who uses them is shown to other roles; ask an
          owner or admin of {name} if you need to know.
        </Alert>
      )}
      <ListTable
        title="Subscriptions"
        nouns={['product', 'products']}
        list={list}
        columns={columns}
        idOf={({ product }) => product}
        searchTextOf={({ product, productName, licenseType, status }) => [
          productName,
          product,
          typeText(licenseType),
          status,
        ]}
        empty={
          <Empty title="No products yet">
            Nothing was sold to {name} yet. Ask <VendorName />; it appears here by itself.
          </Empty>
        }
      />
    </Page>
  );
};

export default Products;
