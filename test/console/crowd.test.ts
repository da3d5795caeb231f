import { DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { expect, it } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { addMember } from '../../shared/table/items/members.ts';
import { keys, type Pool } from '../../shared/table/store/keys.ts';
import { createPool, type Database } from '../table/support/database.ts';
import { openConsole } from './console.ts';

const CROWD = 10_000;
/** Of one request of the page. */
const PAGE_ITEMS = 200;

let pool: Pool;

/** So many sessions, each with its seat and its record, written before the service starts. */
const fill = async ({ client, endpoint, name, credentials }: Database) => {
  const table = client();
  pool = await createPool(table, { quota: CROWD, leaseSeconds: 3600 });
  const { organizationId } = pool;
  const now = Date.now();
  const { userId } = await addMember(table, { organizationId, ...accounts.owner, role: 'owner', now });
  const items = Array.from({ length: CROWD }, (_, at) => {
    const session = { sessionId: `build-${at + 1}`, machineId: `runner-${at + 1}`, userId, fence: 1 };
    const { sessionId, ...hold } = session;
    const times = { claimedAt: now, renewedAt: now, availableAt: now + 3_600_000, leaseMs: 3_600_000 };
    return [
      { ...keys.seat(pool, at + 1), ...hold, ...times, holder: `session#${sessionId}` },
      {
        ...keys.session(pool, sessionId),
        ...session,
        status: 'active',
        number: at + 1,
        revision: 1,
        activatedAt: now,
        leaseSeconds: 3600,
        previous: [],
      },
    ];
  }).flat();
  const batches = Array.from({ length: Math.ceil(items.length / 25) }, (_, at) => items.slice(at * 25, at * 25 + 25));
  await pMap(
    batches,
    (batch) =>
      table.client.send(
        new BatchWriteCommand({ RequestItems: { [name]: batch.map((Item) => ({ PutRequest: { Item } })) } }),
      ),
    { concurrency: 8 },
  );
  // Begins another stream, so that the service need not follow the writes so far.
  const dynamodb = new DynamoDBClient({ endpoint, credentials, region: 'eu-central-1' });
  for (const StreamSpecification of [
    { StreamEnabled: false },
    { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' as const },
  ])
    await dynamodb.send(new UpdateTableCommand({ TableName: name, StreamSpecification }));
};

const { signedIn } = openConsole({ fill });

it(`${CROWD} online licenses come page by page, and one of them is found`, async () => {
  /** The distinct requests to the service; a repeated one is a refresh. */
  const asked = new Set<string>();
  const page = await signedIn('owner');
  page.on('request', (request) => {
    if (new URL(request.url()).pathname.endsWith('/activations')) asked.add(request.url());
  });
  await page.goto(`/organizations/${pool.organizationId}/products/KRE/online-licenses`);
  await page.getByRole('row', { name: /build-1\b/ }).waitFor();
  await page.getByText(`(${PAGE_ITEMS}+)`).waitFor();
  expect(asked.size).toBe(1);
  const rows = () => page.getByRole('row').count();
  const elements = () => page.evaluate<number>("document.querySelectorAll('*').length");
  const atFirst = { rows: await rows(), elements: await elements() };
  expect(atFirst.rows).toBeLessThanOrEqual(51);

  // The next request is made when the last page of rows that is known is opened.
  await page.getByRole('button', { name: /page 4/i }).click();
  await page.getByRole('row', { name: /build-151\b/ }).waitFor();
  await page.getByText(`(${2 * PAGE_ITEMS}+)`).waitFor();
  expect(asked.size).toBe(2);

  // To search, all of it is asked for; whoever looks for something goes on meanwhile.
  const search = page.getByRole('searchbox', { name: 'Find online licenses' });
  await search.fill('build-987');
  await page.getByText('so far').first().waitFor();
  await search.fill('build-9876');
  await page.getByRole('row', { name: /build-9876/ }).waitFor({ timeout: 120_000 });
  await page.getByText('1 found', { exact: true }).first().waitFor({ timeout: 120_000 });
  // The page after the last one says that there is no more.
  expect(asked.size).toBeLessThanOrEqual(CROWD / PAGE_ITEMS + 1);

  await search.fill('');
  await page.getByText(`(${CROWD.toLocaleString('en')})`).waitFor();
  expect(await rows()).toBe(atFirst.rows);
  expect(await elements()).toBeLessThan(atFirst.elements * 1.1);
  console.info(`${CROWD} online licenses: ${asked.size} requests, ${await elements()} elements`);
});

it('a page that is opened while the list refreshes comes all the same', async () => {
  const page = await signedIn('owner', `/organizations/${pool.organizationId}/products/KRE/online-licenses`);
  await page.getByText(`(${PAGE_ITEMS}+)`).waitFor();
  const held = Promise.withResolvers<void>();
  const refresh = page.waitForRequest((request) => new URL(request.url()).pathname.endsWith('/activations'));
  await page.route('**/activations?*', async (route) => {
    await held.promise;
    await route.continue();
  });
  await refresh;
  await page.getByRole('button', { name: /page 4/i }).click();
  await page.getByRole('button', { name: /next page/i }).click();
  await page.getByText('Loading online licenses').waitFor();
  held.resolve();
  await page.getByRole('row', { name: /build-201\b/ }).waitFor();
});
