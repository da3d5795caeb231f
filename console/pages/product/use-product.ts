import { createContext, useContext } from 'react';
import type { Subscription } from '../../../client/index.ts';

export const ProductContext = createContext<Subscription | undefined>(undefined);

/** The product that the page is about, with its figures. */
export const useProduct = (): Subscription => {
  const product = useContext(ProductContext);
  if (!product) throw new Error('This page is about no product.');
  return product;
};
