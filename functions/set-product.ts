import { setProduct as contract } from '../shared/contracts/set-product.ts';
import { productBody } from '../shared/http/responses/product.ts';
import { serve } from '../shared/http/serve.ts';
import { putProduct } from '../shared/table/items/products.ts';

export const handler = serve(contract, async ({ path, body, table, now }) => {
  const product = { ...path, ...body, changedAt: now };
  await putProduct(table, product);
  return { status: 200, body: productBody(product) };
});
