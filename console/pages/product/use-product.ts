import { createContext, useContext } from 'react';
import type { Subscription } from '../../../client/index.ts';

export const ProductContext = createContext<Subscription | undefined>(undefined);

/** The product that the page is about, with its figures. */
export const useProduct = (): Subscription => {
  const product = useContext(ProductContext);
  if (!product) throw new Error('This page is about no product.');
  return product;
};

type ProductName = Pick<Subscription, 'organizationId' | 'product'>;

/** Names a list of a product; without `below`, all that is known of the product. */
export const productKey = ({ organizationId, product }: ProductName, ...below: string[]) =>
  ['product', organizationId, product, ...below] as const;

/** What a change of a product's licenses changes of what is shown: its lists, and the figures. */
export const affectedBy = (product: ProductName) => [productKey(product), ['products', product.organizationId]];

/** What every operation on a product takes. */
export const productRef = ({ organizationId, product }: ProductName): ProductName => ({ organizationId, product });
