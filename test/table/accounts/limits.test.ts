import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApiKey, listApiKeys } from '../../../shared/table/accounts/api-keys.ts';
import { invite, readOpenInvitations } from '../../../shared/table/accounts/invitations.ts';
import { countAll } from '../../../shared/table/items/limit-counters.ts';
import { createWebhook, listWebhooks } from '../../../shared/table/outbox/webhooks.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { getItem, put, type Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, type TestPool } from '../support/database.ts';
import { losingAnswers } from '../support/requests/lost-answers.ts';
import { atEachPlace, deathsOf, dying } from '../support/requests/places.ts';

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

const newPool = () => createPool(table, {}, { members: 1 });
interface Made {
  outcome: string;
  id?: string | undefined;
}
const makers: Record<string, (by: Table, pool: TestPool, idempotencyKey: string) => Promise<Made>> = {
  'API key': async (by, { organizationId, users: [userId = ''] }, idempotencyKey) => {
    const request = { organizationId, userId, name: 'CI', scope: 'full', expiresAt: null } as const;
    const options = { idempotencyKey, createdBy: userId, perMember: 1, now: Date.now() };
    const made = await createApiKey(by, request, options);
    return { outcome: made.outcome, id: made.outcome === 'created' ? made.key : undefined };
  },
  webhook: async (by, { organizationId, users: [userId = ''] }, idempotencyKey) => {
    const request = { organizationId, url: `https://hooks.example.com/${idempotencyKey}`, events: ['*'] };
    const made = await createWebhook(by, request, { idempotencyKey, createdBy: userId, most: 1, now: Date.now() });
    return { outcome: made.outcome, id: made.outcome === 'created' ? made.webhook.id : undefined };
  },
};
const countLive = async ({ organizationId }: TestPool) =>
  (await listApiKeys(table, organizationId, { limit: 10 })).items.length +
  (await listWebhooks(table, organizationId, { limit: 10 })).items.length;

describe.each(Object.entries(makers))('one %s, where there may be one', (_, make) => {
  it('is made once, also if the answers to its writes are lost', async () => {
    const pool = await newPool();
    const made = await make(losingAnswers(database), pool, 'one');
    expect(made.outcome).toBe('created');
    expect(await make(table, pool, 'one')).toEqual(made);
    expect((await make(table, pool, 'two')).outcome).toBe('too-many');
    expect(await countLive(pool)).toBe(1);
  });
  it('is made by the repetition of a request that died anywhere, and until then takes nobody’s place for good', async () => {
    const deaths = await deathsOf(database, async (by) => make(by, await newPool(), 'one'));
    for (const death of deaths) {
      const pool = await newPool();
      await expect(make(dying(database, death), pool, 'one')).rejects.toThrow('injected');
      expect((await make(table, pool, 'one')).outcome).toBe('created');
      expect((await make(table, pool, 'two')).outcome).toBe('too-many');
      expect(await countLive(pool)).toBe(1);
    }
  });
  it.each([true, false])('is one if another is made in between, with a list: %s', async (hasList) => {
    await atEachPlace(database, {
      prepare: async () => {
        const pool = await newPool();
        const {
          organizationId,
          users: [userId = ''],
        } = pool;
        const lists = [keys.listOfApiKeys(organizationId, userId), keys.listOfWebhooks(organizationId)];
        if (hasList)
          for (const list of lists) await put(table, { Item: { ...list, version: 1, things: new Set(['gone']) } });
        return pool;
      },
      work: (by, pool) => make(by, pool, 'one'),
      other: (by, pool) => make(by, pool, 'two'),
      check: async (pool, { result, other, place }) => {
        const outcomes = [result.outcome, other.outcome].sort();
        expect(outcomes, place).toEqual(['created', 'too-many']);
        expect(await countLive(pool), place).toBe(1);
      },
    });
  });
  it('is the same if its request is repeated in between', async () => {
    await atEachPlace(database, {
      prepare: () => newPool(),
      work: (by, pool) => make(by, pool, 'one'),
      other: (by, pool) => make(by, pool, 'one'),
      check: async (pool, { result, other, place }) => {
        expect(result, place).toMatchObject({ outcome: 'created', id: other.id });
        expect(await countLive(pool), place).toBe(1);
      },
    });
  });
});

describe('invitations of several addresses', () => {
  const expiresAt = Date.now() + 3_600_000;
  const inviteBoth = (by: Table, { organizationId, users: [invitedBy = ''] }: TestPool) =>
    invite(
      by,
      { organizationId, invitedBy, role: 'user', expiresAt, emails: ['one@acme.example', 'two@acme.example'] },
      Date.now(),
    );
  /** The open invitations: those of an answer, if no other came since. */
  const open = async ({ organizationId }: TestPool) =>
    (await readOpenInvitations(table, organizationId, Date.now())).map(({ nonce, pending }) => ({ nonce, pending }));
  const told = (answers: Awaited<ReturnType<typeof inviteBoth>>) =>
    answers.flatMap((one) => (one.outcome === 'invited' ? [{ nonce: one.invitation.nonce, pending: undefined }] : []));
  const sorted = (found: { nonce: string }[]) => found.sort((one, other) => (one.nonce < other.nonce ? -1 : 1));

  it('are made, also if the answers to their writes are lost', async () => {
    const pool = await newPool();
    const made = await inviteBoth(losingAnswers(database), pool);
    expect(sorted(await open(pool))).toEqual(sorted(told(made)));
  });
  it('are made by a second request, if the first died anywhere', async () => {
    for (const death of await deathsOf(database, async (by) => inviteBoth(by, await newPool()))) {
      const pool = await newPool();
      await expect(inviteBoth(dying(database, death), pool)).rejects.toThrow('injected');
      const made = await inviteBoth(table, pool);
      expect(sorted(await open(pool))).toEqual(sorted(told(made)));
    }
  });
  it('replace those that another request makes in between, or are replaced by these', async () => {
    await atEachPlace(database, {
      prepare: newPool,
      work: inviteBoth,
      other: inviteBoth,
      check: async (pool, { result, other, place }) => {
        const found = await open(pool);
        expect(found, place).toHaveLength(2);
        const answered = [...told(result), ...told(other)];
        for (const one of found) expect(answered, place).toContainEqual(one);
      },
    });
  });
  it('are not put again by a late copy of a write, once others have replaced them', async () => {
    const pool = await newPool();
    const puts: any[] = [];
    const copying = database.client({
      request: async ({ name, input }, send) => {
        if (name === 'PutItem') puts.push({ ...input });
        return send();
      },
    });
    await inviteBoth(copying, pool);
    const made = await inviteBoth(table, pool);
    expect(puts.length).toBeGreaterThanOrEqual(2);
    for (const input of puts.filter(({ Item }) => Item.sk.startsWith('INVITATION#')))
      await table.client
        .send(new PutCommand(input))
        .catch((error: Error) => expect(error.name).toMatch(/^Conditional/));
    expect(sorted(await open(pool))).toEqual(sorted(told(made)));
  });
});
