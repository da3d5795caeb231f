import type { Table } from '../../../../shared/table/store/table.ts';
import { isLong } from '../../../depth.ts';
import type { Database } from '../database.ts';
import { isWrite, meets, noting } from './touches.ts';

/**
 * Makes an operation again and again, and has something else happen in between, wholly: after its last request, then before
 * the last request that meets what the other did, and so on to its first. The order of requests that do not meet changes
 * nothing. The long mode has it happen before each request.
 *
 * @param parts.prepare makes a case, for one run
 * @param parts.work the operation
 * @param parts.other what happens in between, by the client that it gets
 * @param parts.check what must hold after both
 */
export const atEachPlace = async <Case, Result, Other>(
  database: Database,
  parts: {
    prepare: () => Promise<Case>;
    work: (by: Table, at: Case) => Promise<Result>;
    other: (by: Table, at: Case) => Promise<Other>;
    check: (at: Case, told: { result: Result; other: Other; place: string }) => Promise<void>;
  },
): Promise<void> => {
  for (let place = Infinity; place > 0; ) {
    const at = await parts.prepare();
    const [ours, theirs] = [noting(), noting()];
    let other: Promise<Other> | undefined;
    const happen = () => {
      other ??= parts.other(database.client({ request: theirs.request }), at);
      return other;
    };
    const by = database.client({
      request: (called, send) =>
        ours.request(called, async () => {
          if (ours.made.length === place) await happen();
          return send();
        }),
    });
    const told = { result: await parts.work(by, at), other: await happen() };
    if (theirs.made.length === 0) throw new Error('The other made no request by its client: no place would be tried.');
    await parts.check(at, {
      ...told,
      place: place === Infinity ? 'after the last request' : `before request ${place}`,
    });
    const earlier = ours.made.slice(0, place - 1);
    place = isLong ? earlier.length : earlier.findLastIndex((request) => meets(request, theirs.made)) + 1;
  }
};

/** A death of a process: at which of its requests, before DynamoDB serves it or after. */
export interface Death {
  nth: number;
  when: 'before' | 'after';
}

/**
 * Makes an operation once, and returns the deaths that leave something else behind, each: after a write, and before one that
 * is under way beside another request. The long mode returns those before and after each request.
 */
export const deathsOf = async (database: Database, work: (by: Table) => Promise<unknown>): Promise<Death[]> => {
  const { made, request } = noting();
  await work(database.client({ request }));
  return made.flatMap((one, index) =>
    (['before', 'after'] as const)
      .filter((when) => isLong || (isWrite(one) && (when === 'after' || one.isParallel)))
      .map((when) => ({ nth: index + 1, when })),
  );
};

/** A client of a process that dies so. Before its death DynamoDB serves the requests that are sent at once with the fatal one. */
export const dying = (database: Database, { nth, when }: Death): Table => {
  let requests = 0;
  let isDead = false;
  return database.client({
    request: async (_, send) => {
      requests++;
      if (isDead || (requests > nth && when === 'after')) throw new Error('injected');
      if (requests !== nth) return send();
      if (when === 'after') await send();
      setImmediate(() => {
        isDead = true;
      });
      throw new Error('injected');
    },
  });
};
