import { beforeAll, describe, expect, it } from 'vitest';
import { countAll } from '../../../shared/table/items/limit-counters.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { getItem, type Table } from '../../../shared/table/store/table.ts';
import { createDatabase, type Database } from '../support/database.ts';
import { losingAnswers } from '../support/requests/lost-answers.ts';

let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

describe('an action that is counted in a window', () => {
  const window = { startsAt: 0, endsAt: 60_000 };
  const countOf = (of: string, value = 3) =>
    ({ limit: 'invitationsPerAddressAndDay', of, window, value, amount: 1 }) as const;
  const count = (by: Table, ...counts: ReturnType<typeof countOf>[]) => countAll(by, 'org_a', counts);
  const counted = async (of: string) =>
    (await getItem(table, keys.limitWindow('org_a', { ...countOf(of), startsAt: window.startsAt })))?.counted;

  it('counts once, also if the answer to its count is lost, and if that took the last room', async () => {
    expect(await count(losingAnswers(database), countOf('a', 1))).toBeUndefined();
    expect(await counted('a')).toBe(1);
    expect(await count(table, countOf('a', 1))).toMatchObject({ limit: 'invitationsPerAddressAndDay', value: 1 });
  });
  it('counts twice, never less than once, if another is counted before its answer is repeated', async () => {
    const losing = losingAnswers(database, undefined, () => count(table, countOf('b')));
    expect(await count(losing, countOf('b'))).toBeUndefined();
    expect(await counted('b')).toBe(3);
    expect(await count(table, countOf('b'))).toBeDefined();
  });
  it('that one window refuses counts in no other', async () => {
    await count(table, countOf('full', 1));
    for (const by of [table, losingAnswers(database)])
      expect(await count(by, countOf('c'), countOf('full', 1), countOf('d'))).toMatchObject({ of: 'full' });
    expect([await counted('c'), await counted('d'), await counted('full')]).toEqual([0, 0, 1]);
  });
});
