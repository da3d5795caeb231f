/** A stored item, as the document client gives it. */
export type Item = Record<string, unknown>;

type Type = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'SS' | 'NS' | 'L' | 'M';

/** Returns the type that DynamoDB gives to a value. */
export const typeOf = (value: unknown): Type => {
  if (typeof value === 'string') return 'S';
  if (typeof value === 'number') return 'N';
  if (typeof value === 'boolean') return 'BOOL';
  if (value === null) return 'NULL';
  if (value instanceof Set) return typeof value.values().next().value === 'number' ? 'NS' : 'SS';
  if (Array.isArray(value)) return 'L';
  if (value instanceof Uint8Array) return 'B';
  if (typeof value === 'object') return 'M';
  throw new Error(`no type for ${typeof value}`);
};

export const isEqual = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (typeOf(a) !== typeOf(b)) return false;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((one) => b.has(one));
  const [left, right] = [a as Item, b as Item];
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => isEqual(left[name], right[name]));
};

/** Returns the size of a number, bytes: two digits in each byte, without zeros at either end. */
const numberSize = (value: number): number => {
  const digits = value.toExponential().replace(/e.*$/, '').replace(/[-.]/g, '').replace(/0+$/, '').length;
  return Math.ceil(digits / 2) + 1 + (value < 0 ? 1 : 0);
};

const sizeOf = (value: unknown): number => {
  switch (typeOf(value)) {
    case 'S':
      return Buffer.byteLength(value as string);
    case 'N':
      return numberSize(value as number);
    case 'B':
      return (value as Uint8Array).byteLength;
    case 'BOOL':
    case 'NULL':
      return 1;
    case 'SS':
    case 'NS':
      return [...(value as Set<unknown>)].reduce<number>((sum, one) => sum + sizeOf(one), 0);
    case 'L':
      return (value as unknown[]).reduce<number>((sum, one) => sum + sizeOf(one) + 1, 3);
    case 'M':
      return itemSize(value as Item) + 3 + Object.keys(value as Item).length;
  }
};

/** Returns the size of an item as DynamoDB counts it, bytes: the names and values of its attributes. */
export const itemSize = (item: Item): number => {
  let size = 0;
  for (const name in item) size += Buffer.byteLength(name) + sizeOf(item[name]);
  return size;
};
