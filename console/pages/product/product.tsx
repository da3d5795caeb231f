import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useLocation, useParams } from 'wouter';
import { NotFound } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useList } from '../../api/use-list.ts';
import { useStickyError } from '../../api/use-sticky-error.ts';
import { Loading } from '../../components/loading.tsx';
import { Outdated, ProblemAlert } from '../../components/problem.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { isVendor, seesFigures } from '../../organization/roles.ts';
import { Page } from '../../shell/page.tsx';
import { organizationPath } from '../../shell/paths.ts';
import { RoleGate } from '../../shell/role-gate.tsx';
import { productTabs } from '../../shell/routes.ts';
import { FiguresBar } from './figures-bar.tsx';
import { StatusAlert } from './status-alert.tsx';
import { ProductContext } from './use-product.ts';

const Sale = lazy(() => import('../vendor/sale.tsx'));

/** The page of one product. */
const ProductPage = () => {
  const { role } = useOrganization();
  return seesFigures(role) ? <ManagedProduct /> : <NamedProduct />;
};

/** A product for a role that sees no figures: its name, and whom to ask. */
const NamedProduct = () => {
  const { id: organizationId, name } = useOrganization();
  const { product = '' } = useParams();
  const client = useClient();
  const { items } = useList(
    ['products', organizationId],
    (query) => client.listSubscriptions({ organizationId, ...query }),
    { loadAll: true },
  );
  return (
    <Page
      title={items.find((item) => item.product === product)?.productName ?? product}
      description={`${product} licenses of ${name}`}
      breadcrumbs={breadcrumbsOf(organizationId)}
    >
      <RoleGate title="Figures and licenses" to={seesFigures} />
    </Page>
  );
};

const breadcrumbsOf = (organizationId: string) => [
  { text: 'Products', href: organizationPath(organizationId, 'products') },
];

/** The figures of a product, and a tab for each thing that is managed. */
const ManagedProduct = () => {
  const { id: organizationId, name, role } = useOrganization();
  const { product = '', tab } = useParams();
  const [, navigate] = useLocation();
  const client = useClient();
  const query = useQuery({
    queryKey: ['product', organizationId, product],
    // For the vendor, a product that was never sold is no error: a retry of an error would discard the form.
    queryFn: () =>
      client.getSubscription({ organizationId, product }).catch((error) => {
        if (isVendor(role) && error instanceof NotFound) return null;
        throw error;
      }),
  });
  const error = useStickyError(query);
  const { data, dataUpdatedAt, refetch } = query;

  // A form belongs to one product, also when the browser moves directly between products.
  const key = `${organizationId} ${product}`;
  const retry = () => void refetch();
  const tabs = productTabs.filter(({ isAllowed }) => isAllowed(role));
  const requested = productTabs.find(({ path }) => path === tab);
  const active = requested?.isAllowed(role) ? requested : tabs[0];
  return (
    <Page
      title={data?.productName ?? product}
      description={`${product} licenses of ${name}`}
      breadcrumbs={breadcrumbsOf(organizationId)}
    >
      {data === undefined &&
        (error ? <ProblemAlert error={error} onRetry={retry} /> : <Loading text={`Loading ${product}`} />)}
      {data === null && <Sale key={key} of={{ organizationId, product }} />}
      {data !== undefined && Boolean(error) && <Outdated error={error} since={dataUpdatedAt} onRetry={retry} />}
      {data && requested && requested !== active && <RoleGate title={requested.title} to={requested.isAllowed} />}
      {data && (
        <ProductContext key={key} value={data}>
          {/* Small gaps leave room for the rows of the list below. */}
          <SpaceBetween size="xxs">
            <StatusAlert />
            <FiguresBar />
            <Tabs
              disableContentPaddings
              ariaLabel={`Licenses of ${product}`}
              activeTabId={active?.path}
              onChange={({ detail }) =>
                navigate(organizationPath(organizationId, 'products', product, detail.activeTabId))
              }
              tabs={tabs.map(({ path, title, Component, form }) => ({
                id: path,
                label: title,
                contentRenderStrategy: form ? 'lazy' : 'active',
                content: (
                  <Box padding={{ top: 'xxs' }}>
                    <Suspense fallback={<Loading text={`Loading ${title.toLowerCase()}`} />}>
                      <Component />
                    </Suspense>
                  </Box>
                ),
              }))}
            />
          </SpaceBetween>
        </ProductContext>
      )}
    </Page>
  );
};

export default ProductPage;
