import Tabs from '@cloudscape-design/components/tabs';
import { useQuery } from '@tanstack/react-query';
import { Suspense } from 'react';
import { useLocation, useParams } from 'wouter';
import { Page } from '../../frame/page.tsx';
import { productTabs } from '../../frame/pages.ts';
import { organizationPath } from '../../frame/paths.ts';
import { useOrganization } from '../../organization/organization.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Outdated, ProblemAlert } from '../../parts/problem.tsx';
import { useClient } from '../../service/client.tsx';
import { ProductContext } from './use-product.ts';

/** The page of one product: its figures, and a tab for each thing that is managed. */
const ProductPage = () => {
  const { id: organizationId, name, role } = useOrganization();
  const { product = '', tab } = useParams();
  const [, navigate] = useLocation();
  const client = useClient();
  const { data, error, dataUpdatedAt, refetch } = useQuery({
    queryKey: ['product', organizationId, product],
    queryFn: () => client.getSubscription({ organizationId, product }),
  });

  const above = [{ text: 'Products', href: organizationPath(organizationId, 'products') }];
  const retry = () => void refetch();
  const tabs = productTabs.filter(({ offeredTo }) => offeredTo(role));
  return (
    <Page title={data?.productName ?? product} description={`${product} licenses of ${name}`} above={above}>
      {!data && (error ? <ProblemAlert error={error} onRetry={retry} /> : <Loading text={`Loading ${product}`} />)}
      {data && Boolean(error) && <Outdated error={error} since={dataUpdatedAt} onRetry={retry} />}
      {data && (
        <ProductContext value={data}>
          <Tabs
            ariaLabel={`Licenses of ${product}`}
            activeTabId={tab ?? tabs[0]?.path}
            onChange={({ detail }) =>
              navigate(organizationPath(organizationId, 'products', product, detail.activeTabId))
            }
            tabs={tabs.map(({ path, title, Component }) => ({
              id: path,
              label: title,
              content: (
                <Suspense fallback={<Loading text={`Loading ${title.toLowerCase()}`} />}>
                  <Component />
                </Suspense>
              ),
            }))}
          />
        </ProductContext>
      )}
    </Page>
  );
};

export default ProductPage;
