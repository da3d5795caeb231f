import type * as z from 'zod';
import type { Product as Body } from '../../contracts/schemas/product.ts';
import { utc } from '../../domain/activation.ts';
import type { Product } from '../../domain/product.ts';

/** Returns a product of the catalogue as the API shows it. */
export const productBody = ({ changedAt, ...product }: Product): z.input<typeof Body> => ({
  ...product,
  changedAt: utc(changedAt),
});
