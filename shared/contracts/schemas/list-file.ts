import * as z from 'zod';
import { csvOf } from './primitives.ts';

/** Returns the fields of an item, by their paths: `inUse.online` is a field of a field. */
const fieldsOf = (schema: unknown, path = ''): string[] => {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) return fieldsOf(schema.unwrap(), path);
  if (schema instanceof z.ZodUnion)
    return [...new Set(schema.options.flatMap((option: unknown) => fieldsOf(option, path)))];
  if (!(schema instanceof z.ZodObject)) return [path];
  return Object.entries(schema.shape).flatMap(([name, inner]) => fieldsOf(inner, path ? `${path}.${name}` : name));
};

/** Returns the schema of a page's items; undefined if a schema is no page. */
const itemOf = (body: unknown): unknown => {
  if (!(body instanceof z.ZodObject) || !('nextCursor' in body.shape)) return undefined;
  return body.shape.items instanceof z.ZodArray ? body.shape.items.element : undefined;
};

/**
 * Returns a list as a file, the other media type of its answer: each field of an item is a column.
 *
 * @param name the name of the operation
 * @param body the schema of a page; anything else has no file
 */
export const listFileOf = (name: string, body: unknown) => {
  const item = itemOf(body);
  if (!item) return undefined;
  const columns = fieldsOf(item);
  const file = csvOf({
    name: `${listName(name)}_20270131.csv`,
    description: `RFC 4180, in UTF-8, each text quoted. The columns: ${columns.join(', ')}. A formula has a \`'\` before it.`,
  });
  return { ...file, columns };
};

/** Returns the name of a list's file, without its day: `listApiKeys` → `ApiKeys`. */
export const listName = (operation: string): string => operation.replace(/^list/, '');
