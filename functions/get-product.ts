import { getProduct as contract } from '../shared/contracts/get-product.ts';
import { orNotFound } from '../shared/http/problems/problem.ts';
import { productBody } from '../shared/http/responses/product.ts';
import { serve } from '../shared/http/serve.ts';
import { readProduct } from '../shared/table/items/products.ts';

export const handler = serve(contract, async ({ path, table }) => {
  const product = orNotFound(await readProduct(table, path.product));
  return { status: 200, body: productBody(product) };
});
