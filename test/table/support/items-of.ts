import type { Item, Table } from '../../../shared/table/store/table.ts';
import { MemoryTable } from '../../simulation/table/memory-table.ts';

/** Returns the items that operations write into an empty table. The operations themselves run, on a table in memory. */
export const itemsOf = async (table: Table, work: (empty: Table) => Promise<unknown>): Promise<Item[]> => {
  const memory = new MemoryTable();
  const send = async ({ constructor: { name }, input }: { constructor: { name: string }; input: object }) => {
    const operation = name.replace('Command', '');
    return memory.answer(operation === 'Query' ? operation : `${operation}Item`, defined(input));
  };
  await work({ ...table, client: { send } as unknown as Table['client'] });
  return memory.answer('Scan', { TableName: table.name }).Items;
};

/** Returns a request without its undefined attributes, as the document client sends it. */
const defined = (value: unknown): any => {
  if (Array.isArray(value)) return value.map(defined);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([name, inner]) => [name, defined(inner)]));
};
