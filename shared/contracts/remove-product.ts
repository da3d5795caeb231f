import { operation } from './operation.ts';

export const removeProduct = operation({
  name: 'removeProduct',
  method: 'DELETE',
  path: '/v1/products/{product}',
  tag: 'Subscriptions',
  summary: 'Take a product out of the catalogue',
  description:
    'It is not sold any more. Its subscriptions stay as they are, and can be renewed and changed. Without its last product the ' +
    'catalogue is empty: every product code can be sold again. Repeating is harmless.',
  access: { to: 'vendor' },
  answers: { 204: { description: 'Removed.' } },
  problems: ['not-found'],
  table: { CATALOGUE: ['UpdateItem'] },
  impact: 'The vendor cannot take products out of the catalogue.',
});
