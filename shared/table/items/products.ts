import type { Product } from '../../domain/product.ts';
import { keys, type Page, type PageRequest, ranges } from '../store/keys.ts';
import { getItem, put, readAll, readPage, type Table } from '../store/table.ts';

/** Puts a product into the catalogue, or replaces it. */
export const putProduct = async (table: Table, product: Product): Promise<void> => {
  await put(table, { Item: { ...keys.product(product.product), ...product } });
};

/** Reads a product of the catalogue. */
export const readProduct = (table: Table, code: string): Promise<Product | undefined> =>
  getItem(table, keys.product(code));

/** Reads a page of the catalogue, by code. */
export const listProducts = (table: Table, options: PageRequest): Promise<Page<Product>> =>
  readPage(table, ranges.products(), options);

/** Returns the catalogue's codes if a product must not be sold: the catalogue is not empty, and does not have it. */
export const missingInCatalogue = async (table: Table, code: string): Promise<string[] | undefined> => {
  if (await readProduct(table, code)) return undefined;
  const products = await readAll(table, ranges.products(), { only: ['product'] });
  return products.length > 0 ? products.map(({ product }) => product) : undefined;
};
