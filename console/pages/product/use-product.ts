import { createContext, useContext } from 'react';
import type { Subscription } from '../../../client/index.ts';

export const ProductContext = createContext<Subscription | undefined>(undefined);

/** Returns the product of the page, with its figures. */
export const useProduct = (): Subscription => {
  const product = useContext(ProductContext);
  if (!product) throw new Error('This page is about no product.');
  return product;
};

type ProductName = Pick<Subscription, 'organizationId' | 'product'>;

/** Returns the query key of a product's list; without `below`, of all data of the product. */
export const productKey = ({ organizationId, product }: ProductName, ...below: string[]) =>
  ['product', organizationId, product, ...below] as const;

/** Returns the query keys that a change of a product's licenses invalidates: its lists and figures. */
export const affectedBy = (product: ProductName) => [productKey(product), ['products', product.organizationId]];

/** Returns the input that all operations on a product share. */
export const productRef = ({ organizationId, product }: ProductName): ProductName => ({ organizationId, product });

/** Returns why no license can be given now; undefined while the subscription is active. */
export const whyUnusable = ({ status }: Pick<Subscription, 'status'>): string | undefined => {
  if (status === 'active') return undefined;
  return status === 'expired' ? 'The subscription has expired.' : 'The subscription is suspended.';
};
