import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import { lazy } from 'react';
import type { Subscription, SubscriptionSummary } from '../../client/index.ts';
import { useClient } from '../api/client.tsx';
import { useList } from '../api/use-list.ts';
import { Available } from '../components/available.tsx';
import { Empty } from '../components/empty.tsx';
import type { Column } from '../components/list/column.ts';
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
const figureColumns: Column<Product>[] = [
  {
    id: 'use',
    header: 'In use',
    width: 175,
    sortingComparator: (a, b) => share(a) - share(b),
    value: (product) => {
      const figures = figuresOf(product);
      return figures && usedOf(figures);
    },
    cell: (product) => {
      const figures = figuresOf(product);
      return figures && <UsageBar used={usedOf(figures)} quota={figures.quota} of={`${product.product} licenses`} />;
    },
  },
  {
    id: 'available',
    header: 'Available',
    width: 130,
    value: (product) => figuresOf(product)?.available,
    cell: (product) => {
      const figures = figuresOf(product);
      return figures && <Available {...figures} />;
    },
  },
  {
    id: 'expiry',
    header: 'Expires',
    kind: 'expiry',
    value: (product) => figuresOf(product)?.expiresAt,
    cell: (product) => {
      const { expiresAt } = figuresOf(product) ?? {};
      return expiresAt && <Expiry at={expiresAt} inLine />;
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

  const columns: Column<Product>[] = [
    {
      id: 'product',
      header: 'Product',
      kind: 'person',
      sortingField: 'productName',
      isRowHeader: true,
      cell: ({ product, productName }) => (
        <>
          <Link href={organizationPath(organizationId, 'products', product)} onFollow={onFollow}>
            {productName}
          </Link>{' '}
          <Box variant="span" color="text-body-secondary">
            {product}
          </Box>
        </>
      ),
    },
    { id: 'status', header: 'Status', width: 130, sortingField: 'status', cell: ProductStatus },
    {
      id: 'type',
      header: 'License type',
      width: 140,
      value: ({ licenseType }) => typeText(licenseType),
      cell: ({ licenseType }) => typeText(licenseType),
    },
    {
      id: 'code',
      header: 'Product code',
      kind: 'status',
      optional: true,
      sortingField: 'product',
      cell: ({ product }) => product,
    },
    ...(seesFigures(role) ? figureColumns : []),
  ];
  return (
    <Page title="Products" description={`The products that ${name} has licenses for.`}>
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
