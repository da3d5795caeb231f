import * as z from 'zod';
import { operation } from './operation.ts';
import { hasFittingTimeout, Product, ProductTerms, productFields } from './schemas/product.ts';

export const setProduct = operation({
  name: 'setProduct',
  method: 'PUT',
  path: '/v1/products/{product}',
  tag: 'Subscriptions',
  summary: 'Put a product into the catalogue, or change it',
  description:
    'Replaces the product: what is left out takes its default. While the catalogue is empty, every product code can be ' +
    'sold; from the first product on, only its products can. Subscriptions stay as they are.',
  access: { to: 'vendor' },
  input: {
    body: z
      .strictObject({ ...productFields, terms: ProductTerms.prefault({}) })
      .refine(({ licenseType, terms }) => hasFittingTimeout(licenseType, terms), {
        path: ['terms', 'idleTimeoutMinutes'],
        error: 'only a per-user product can have an idle timeout',
      }),
  },
  answers: { 200: { description: 'The product.', body: Product } },
  table: { CATALOGUE: ['PutItem'] },
  impact: 'The vendor cannot change the catalogue; products in it can be sold.',
});
