import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { createOrganization } from '../../../shared/table/accounts/organizations.ts';
import { addMember } from '../../../shared/table/items/members.ts';
import { setSubscription } from '../../../shared/table/items/subscriptions.ts';
import { ranges } from '../../../shared/table/store/keys.ts';
import { readAll, type Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, usualTerms } from './database.ts';

const scan = async ({ client, name }: Table) =>
  (await client.send(new ScanCommand({ TableName: name, ConsistentRead: true }))).Items ?? [];

/** The items of a table in a stable order, without what differs between two runs: IDs, addresses and times. */
const comparable = async (table: Table) => {
  const text = (item: object) =>
    JSON.stringify(item, (_, value) => (value instanceof Set ? [...value] : value))
      .replaceAll(/(org|usr)_\w+/g, '$1')
      .replaceAll(/(owner|member)\d*@/g, '$1@')
      .replaceAll(/"(createdAt|joinedAt|expiresAt|writtenAt)":\d+/g, '"$1"')
      .replaceAll(/"settingId":"[\w-]+"/g, '"settingId"');
  return (await scan(table)).map((item) => text(Object.fromEntries(Object.entries(item).sort()))).sort();
};

it('a test pool has the items that the operations write, one by one', async () => {
  const [put, written] = [(await createDatabase()).client(), (await createDatabase()).client()];
  const pool = await createPool(put, {}, { members: 2 });

  const now = Date.now();
  const { id: organizationId } = await createOrganization(written, {
    name: 'Acme',
    ownerEmail: 'owner@acme.example',
    now,
  });
  for (let index = 0; index < 2; index++)
    await addMember(written, { organizationId, email: `member${index}@acme.example`, role: 'user', now });
  await setSubscription(written, { organizationId, product: 'KRE' }, usualTerms(), now);
  expect(await comparable(put)).toEqual(await comparable(written));
  expect(await scan(put)).toHaveLength(13);
  expect((await readAll(put, ranges.members(pool.organizationId))).map(({ userId }) => userId)).toEqual(
    expect.arrayContaining([...pool.users]),
  );
});
