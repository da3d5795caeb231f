import { operation } from './operation.ts';
import { Product } from './schemas/product.ts';

export const getProduct = operation({
  name: 'getProduct',
  method: 'GET',
  path: '/v1/products/{product}',
  tag: 'Subscriptions',
  summary: 'A product of the catalogue',
  description: 'The detail of a 404 names products with similar codes.',
  access: { to: 'vendor' },
  answers: { 200: { description: 'The product.', body: Product } },
  problems: ['not-found'],
  table: { CATALOGUE: ['GetItem', 'Query'] },
  impact: 'Products of the catalogue cannot be looked up; they can be sold.',
});
