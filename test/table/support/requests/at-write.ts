import type { Table } from '../../../../shared/table/store/table.ts';
import type { Around, Database } from '../database.ts';

/** A client that counts its writes of single items, and does something around the `nth` of them. */
const aroundWrite = (database: Database, nth: number, around: Around): Table => {
  let writes = 0;
  const request: Around = (called, send) =>
    /^(Put|Update|Delete)Item$/.test(called.name) && ++writes === nth ? around(called, send) : send();
  return database.client({ request });
};

/** A client, just before whose `nth` write something else happens. */
export const beforeWrite = (database: Database, work: () => Promise<unknown>, nth = 1): Table =>
  aroundWrite(database, nth, async (_, send) => {
    await work();
    return send();
  });

/** A client that dies right after its `nth` write. */
export const dyingAfterWrite = (database: Database, nth: number): Table =>
  aroundWrite(database, nth, async (_, send) => {
    await send();
    throw new Error('injected');
  });

/** Makes operations that meet: each has read all that it needs before another one writes. They write in turn, the last one first. */
export const meeting = async <R>(
  database: Database,
  [first, ...others]: readonly ((by: Table) => Promise<R>)[],
): Promise<R[]> => {
  if (!first) return [];
  let results: R[] = [];
  const result = await first(
    beforeWrite(database, async () => {
      results = await meeting(database, others);
    }),
  );
  return [result, ...results];
};
