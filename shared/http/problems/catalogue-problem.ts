import { nearProducts } from '../../domain/product.ts';

/**
 * Says that a code is not in the catalogue, and which products may be meant.
 *
 * @param catalogue the codes of its products
 */
export const notInCatalogue = (code: string, catalogue: readonly string[]): { detail: string; near: string[] } => {
  const near = nearProducts(code, catalogue);
  const meant = near.length > 0 ? ` Do you mean ${near.join(' or ')}?` : '';
  return { near, detail: `The catalogue has no product ${code}.${meant}` };
};
