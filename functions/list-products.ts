import { listProducts as contract } from '../shared/contracts/list-products.ts';
import { pageOfList } from '../shared/http/page.ts';
import { productBody } from '../shared/http/responses/product.ts';
import { serve } from '../shared/http/serve.ts';
import { listProducts } from '../shared/table/items/products.ts';

export const handler = serve(contract, async ({ query, table }) => {
  const page = await pageOfList(table, contract, {}, query);
  const products = await listProducts(table, page);
  return { status: 200, body: await page.answer(products, productBody) };
});
