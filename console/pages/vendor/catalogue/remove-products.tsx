import type { Product } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { BulkDialog } from '../../../components/dialogs/bulk-dialog.tsx';
import { pluralize } from '../../../components/pluralize.ts';
import { catalogueKey } from './use-catalogue.ts';

interface RemoveProductsProps {
  products: readonly Product[];
  /** Whether the catalogue has no others. */
  all: boolean;
  onClose: () => void;
}

/** Takes products out of the catalogue. */
export const RemoveProducts = ({ products, all, onClose }: RemoveProductsProps) => {
  const client = useClient();
  return (
    <BulkDialog
      items={products}
      header={(count) => `Remove ${pluralize(count, 'product')}?`}
      confirm="Remove"
      nameOf={({ product }) => product}
      line={({ product, name }) => `${name} (${product})`}
      run={({ product }) => client.removeProduct({ product })}
      done={
        products.length === 1
          ? `${products[0]?.name} is not sold any more.`
          : `${pluralize(products.length, 'product')} are not sold any more.`
      }
      invalidates={[catalogueKey]}
      onClose={onClose}
    >
      <div>
        New sales are refused. Subscriptions that were sold stay as they are: you can renew and change them.
        {all && ' The catalogue is empty then, and an empty catalogue stops no sale: any product code can be sold.'}
      </div>
    </BulkDialog>
  );
};
