import { operation } from './operation.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { Product } from './schemas/product.ts';
import { signsCursors } from './table-grant.ts';

export const listProducts = operation({
  name: 'listProducts',
  method: 'GET',
  path: '/v1/products',
  tag: 'Subscriptions',
  summary: 'The catalogue: the products that the vendor sells, by code',
  access: { to: 'vendor' },
  input: { query: pageQuery },
  answers: { 200: { description: 'A page of products.', body: pageOf(Product) } },
  table: { CATALOGUE: ['Query'], ...signsCursors },
  impact: 'The catalogue cannot be listed; products in it can be sold.',
});
