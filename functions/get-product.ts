import { getProduct as contract } from '../shared/contracts/get-product.ts';
import { notInCatalogue } from '../shared/http/problems/catalogue-problem.ts';
import { Problem } from '../shared/http/problems/problem.ts';
import { productBody } from '../shared/http/responses/product.ts';
import { serve } from '../shared/http/serve.ts';
import { missingInCatalogue, readProduct } from '../shared/table/items/products.ts';

export const handler = serve(contract, async ({ path, table }) => {
  const product = await readProduct(table, path.product);
  if (product) return { status: 200, body: productBody(product) };
  const catalogue = (await missingInCatalogue(table, path.product)) ?? [];
  throw new Problem('not-found', notInCatalogue(path.product, catalogue).detail);
});
