import Alert from '@cloudscape-design/components/alert';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import type { Subscription } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { reasonOf } from '../../api/problem-text.ts';
import { Loading } from '../../components/loading.tsx';
import { ProblemAlert } from '../../components/problem.tsx';
import { catalogueKey, useCatalogue } from './catalogue/use-catalogue.ts';
import { SellProduct } from './sell-product.tsx';
import TermsForm from './terms-form.tsx';

type Of = Pick<Subscription, 'organizationId' | 'product'>;

/** The first sale of a product to an organization, with the terms of the catalogue. */
const Sale = ({ of }: { of: Of }) => {
  const { items, more, loading, error, refresh } = useCatalogue();
  const offered = items.find(({ product }) => product === of.product);
  if (error && (more || items.length === 0)) return <ProblemAlert error={error} onRetry={refresh} />;
  if (loading || more) return <Loading text="Loading the catalogue" />;
  if (items.length > 0 && !offered) return <NotOffered of={of} />;
  return <TermsForm of={of} subscription={undefined} offered={offered} />;
};

/** Says that the catalogue does not have the product, names near ones, and offers to choose another. */
const NotOffered = ({ of: { organizationId, product } }: { of: Of }) => {
  const client = useClient();
  const { error } = useQuery({ queryKey: [...catalogueKey, product], queryFn: () => client.getProduct({ product }) });
  return (
    <SpaceBetween size="l">
      <Alert type="warning" header={`${product} can’t be sold`}>
        {reasonOf(error) ?? `The catalogue has no product ${product}.`} Choose another product, or add this one to the
        catalogue first.
      </Alert>
      <SellProduct organizationId={organizationId} />
    </SpaceBetween>
  );
};

export default Sale;
