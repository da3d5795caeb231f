import type { Product } from '../../domain/product.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { keys, type Page, type PageRequest, ranges } from '../store/keys.ts';
import { getItem, put, readAll, readPage, type Table, update } from '../store/table.ts';

/** Puts a product into the catalogue, or replaces it. */
export const putProduct = async (table: Table, product: Product): Promise<void> => {
  await put(table, { Item: { ...keys.product(product.product), ...product } });
};

/** Takes a product out of the catalogue. Its item stays for its audit event; repeating is harmless. */
export const removeProduct = async (table: Table, code: string, now: number): Promise<'removed' | 'missing'> => {
  const { done, item } = await update(table, {
    Key: keys.product(code),
    UpdateExpression: 'SET removedAt = :now',
    ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(removedAt)',
    ExpressionAttributeValues: { ':now': now },
  });
  return done || item ? 'removed' : 'missing';
};

const isOffered = ({ removedAt }: Pick<Product, 'removedAt'>) => removedAt === undefined;

/** Reads a product of the catalogue. */
export const readProduct = async (table: Table, code: string): Promise<Product | undefined> => {
  const product = await getItem(table, keys.product(code));
  return product && isOffered(product) ? product : undefined;
};

/** Reads a page of the catalogue, by code. */
export const listProducts = (table: Table, options: PageRequest): Promise<Page<Product>> =>
  readFiltered(
    (after) => readPage(table, ranges.products(), { limit: 100, after }),
    (products) => products.filter(isOffered),
    ({ product }) => keys.product(product),
    { ...options, most: 1000 },
  );

/** Returns the catalogue's codes if a product must not be sold: the catalogue is not empty, and does not have it. */
export const missingInCatalogue = async (table: Table, code: string): Promise<string[] | undefined> => {
  if (await readProduct(table, code)) return undefined;
  const all = await readAll(table, ranges.products(), { only: ['product', 'removedAt'] });
  const products = all.filter(isOffered);
  return products.length > 0 ? products.map(({ product }) => product) : undefined;
};
