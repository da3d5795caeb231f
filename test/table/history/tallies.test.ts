import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { countInTally } from '../../../shared/table/history/tallies.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { createDatabase } from '../support/database.ts';

const table = (await createDatabase()).client();
const minute = 60_000;
const hour = Date.parse('2027-01-31T09:00:00.000Z');
const failure = { kind: 'authentication', keyId: 'key1', reason: 'wrong-secret' } as const;
const countOf = async (organizationId: string, at: number) => {
  const Key = keys.tally(organizationId, at, 'authentication#key1#wrong-secret');
  return (await table.client.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }))).Item;
};

it('counts of one hour add up in one item, with the first and the last time and source', async () => {
  for (const [at, source] of [
    [hour, '192.0.2.1'],
    [hour + 5, '192.0.2.2'],
    [hour + minute, '192.0.2.3'],
  ] as const)
    await countInTally(table, 'org_a', { ...failure, source }, at);
  expect(await countOf('org_a', hour)).toMatchObject({
    count: 3,
    firstAt: hour,
    lastAt: hour + minute,
    source: '192.0.2.3',
    organizationId: 'org_a',
    ...failure,
  });
});
it('the next hour has a count of its own, and each organization', async () => {
  for (const at of [hour, hour + 60 * minute]) await countInTally(table, 'org_b', failure, at);
  expect(await countOf('org_b', hour)).toMatchObject({ count: 1 });
  expect(await countOf('org_b', hour + 60 * minute)).toMatchObject({ count: 1 });
  expect(await countOf('org_c', hour)).toBeUndefined();
});

it('a flood in one organization hides nothing of another', async () => {
  const flood = Array.from({ length: 100 }, (_, index) => ({ ...failure, keyId: `flood${index}` }));
  await Promise.all(flood.map((each) => countInTally(table, 'org_d', each, hour)));
  await countInTally(table, 'org_e', failure, hour);
  expect(await countOf('org_e', hour)).toMatchObject({ count: 1 });
});
