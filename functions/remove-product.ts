import { removeProduct as contract } from '../shared/contracts/remove-product.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { removeProduct } from '../shared/table/items/products.ts';

export const handler = serve(contract, async ({ path, table, now }) => {
  if ((await removeProduct(table, path.product, now)) === 'missing') throw notFound();
  return { status: 204 };
});
