import { expect, it } from 'vitest';
import { sessionHolder } from '../../../shared/domain/seat.ts';
import { claimSeat } from '../../../shared/table/items/seats.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { getItem, getItems } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool } from '../support/database.ts';
import { meter } from '../support/requests/metering.ts';

const hold = { holder: sessionHolder('s'), userId: 'usr_1', claimedAt: 1000, availableAt: 2000, leaseMs: 1000 };

it('reads items as the types of their keys, without key and actor', async () => {
  const table = (await createDatabase()).client();
  const pool = await createPool(table);
  await claimSeat(table, pool, 7, hold, { claimId: 'c', fence: 3 });
  const seat = await getItem(table, keys.seat(pool, 7));
  expect(seat).toEqual({ number: 7, fence: 3, hold: { ...hold, claimId: 'c', renewedAt: 1000 } });
  const organization = await getItem(table, keys.organization(pool.organizationId));
  expect(organization).toEqual({ id: pool.organizationId, name: 'Acme', createdAt: expect.any(Number) });
  expect(await getItem(table, keys.seat(pool, 8))).toBeUndefined();
});

it('reads named items in one strongly consistent request, a key that comes twice once', async () => {
  const database = await createDatabase();
  const pool = await createPool(database.client());
  await claimSeat(database.client(), pool, 1, hold, { claimId: 'c', fence: 1 });
  const counted = meter();
  const sent: unknown[] = [];
  const table = database.client({
    request: (call, send) => {
      sent.push(call.input);
      return counted.request(call, send);
    },
  });
  const [seat, subscription, session] = [keys.seat(pool, 1), keys.subscription(pool), keys.session(pool, 's')];
  const { result, bill } = await counted.of(() => getItems(table, { seat, subscription, session, same: seat }));
  expect(result.seat?.hold?.holder).toBe('session#s');
  expect(result.same).toEqual(result.seat);
  expect(result.subscription).toMatchObject({ product: 'KRE', quota: 10 });
  expect(result.session).toBeUndefined();
  expect(bill.requests).toBe(1);
  expect(sent).toMatchObject([{ RequestItems: { Leasehold: { ConsistentRead: true } } }]);
});

it('asks again for what DynamoDB left unprocessed: it does not pass for absent', async () => {
  const database = await createDatabase();
  const pool = await createPool(database.client());
  let requests = 0;
  const table = database.client({
    request: async ({ name }, send) => {
      const output = await send();
      if (name !== 'BatchGetItem' && name !== 'BatchGet') return output;
      requests++;
      if (requests > 1) return output;
      const unprocessed = { [database.name]: { Keys: [{ ...keys.subscription(pool) }] } };
      return { ...output, Responses: { [database.name]: [] }, UnprocessedKeys: unprocessed };
    },
  });
  const { subscription } = await getItems(table, { subscription: keys.subscription(pool) });
  expect(subscription?.product).toBe('KRE');
  expect(requests).toBe(2);
});
