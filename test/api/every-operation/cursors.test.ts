import { beforeAll, describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { createOrganization } from '../../../shared/contracts/create-organization.ts';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { listMachines } from '../../../shared/contracts/list-machines.ts';
import type { Operation } from '../../../shared/contracts/operation.ts';
import { operations } from '../../../shared/contracts/operations.ts';
import { setLimits } from '../../../shared/contracts/set-limits.ts';
import { setProduct } from '../../../shared/contracts/set-product.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { startRecovery } from '../../../shared/contracts/start-recovery.ts';
import { listFile, preferredFile } from '../../../shared/http/reports/list-file.ts';
import { isLong } from '../../depth.ts';
import { inviteOne } from '../../table/support/invite-one.ts';
import { openFollower } from '../support/changes.ts';
import { type As, day, type Json, openWorld, stamp, terms } from '../support/harness.ts';
import { confirmed } from '../support/webhooks.ts';

// Rules of every list: its pages give each item once, whatever changes meanwhile; and its cursors are valid for this list
// alone.
const { got, call, userId, addMember, organizationId, table } = await openWorld({ stream: true });
let webhookId = '';
const follow = await openFollower(table);

const isList = ({ method, input }: Operation) => method === 'GET' && input.query?.shape.cursor !== undefined;
const lists = operations.filter(isList);
/** How many pages of a walk are small. */
const smallPages = isLong ? Infinity : 6;
const others: As[] = ['admin', 'user', 'otherUser'];

beforeAll(async () => {
  await got(200, setLimits, { as: 'vendor', body: { apiKeysPerMember: 1000, webhooks: 100 } });
  for (const [product, changes] of [
    ['A', {}],
    ['B', { licenseType: 'per-user' }],
    ['C', {}],
    ['D', { licenseType: 'per-user' }],
  ] as const) {
    // Nothing lapses while the lists are walked over.
    const body = terms({ quota: 500, leaseSeconds: 3600, offline: { allowed: true }, ...changes });
    await got(201, setSubscription, { as: 'vendor', path: { product }, body });
    for (const as of others) {
      const path = { product, userId: await userId(as) };
      if ('licenseType' in changes) await got(201, grantLicense, { as: 'owner', path });
      await got(201, activate, {
        as,
        path: { product },
        body: { machineId: `of-${as}-${product}`, sessionId: stamp() },
      });
      await got(201, issueOfflineLicense, { as: 'owner', path: { product }, body: { machineId: `offline-${as}` } });
    }
  }
  for (const as of others) await got(201, startRecovery, { as: 'vendor', body: { userId: await userId(as) } });
  const emails = [1, 2, 3].map((n) => `invited${n}@acme.example`);
  await got(200, invite, { as: 'owner', body: { emails, role: 'user' } });
  // The webhooks come first, as the last gets the later events. A delivery of each to each would be a third of the work.
  for (const name of ['a', 'b', 'c']) {
    const body = { url: `https://${name}.example.com/`, events: name === 'c' ? ['*'] : ['license.refused'] };
    webhookId = await confirmed(table, organizationId, await got(201, createWebhook, { as: 'owner', body }));
  }
  for (const name of ['a', 'b', 'c']) await got(201, createApiKey, { as: 'owner', body: { name } });
  for (const name of ['a', 'b', 'c'])
    await got(201, createOrganization, { as: 'vendor', body: { name, ownerEmail: 'owner@acme.example' } });
  for (const product of ['A', 'B', 'C']) {
    const body = { name: product, licenseType: 'floating' };
    await got(200, setProduct, { as: 'vendor', path: { product }, body });
  }
  for (const name of ['d', 'e', 'f']) {
    const body = { name, ownerEmail: 'stranger@example.com' };
    const { id } = await got(201, createOrganization, { as: 'vendor', body });
    const invited = {
      organizationId: id,
      email: 'owner@acme.example',
      role: 'user',
      expiresAt: Date.now() + day,
    } as const;
    await inviteOne(table, invited, Date.now());
  }
  await follow();
});

/** The parameters of a list's path beside the organization. */
const pathOf = (list: Operation, product: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ product, webhookId }).filter(([parameter]) => list.path.includes(`{${parameter}}`)),
  );
/** Returns a caller who may read a list. */
const readerOf = ({ access }: Operation): As => (access.to === 'vendor' ? 'vendor' : 'owner');
const page = async (list: Operation, product: string, query: Record<string, string>) =>
  got(200, list, { as: readerOf(list), path: pathOf(list, product), query });
/** Reads a list in pages: small ones at first, as a long one would take hundreds of them. */
const walk = async (list: Operation, product: string, small: number, between = async () => {}) => {
  const items: object[] = [];
  let cursor: string | undefined;
  do {
    const limit = items.length < smallPages * small ? small : 200;
    const { items: more, nextCursor } = await page(list, product, { limit: String(limit), ...(cursor && { cursor }) });
    expect(more.length).toBeLessThanOrEqual(limit);
    items.push(...more);
    cursor = nextCursor;
    await between();
  } while (cursor);
  return items;
};

/** Returns an item without the fields that time alone changes. */
const steady = ({ durationSeconds: _, average: __, ...item }: any) => item;

/** Returns the constant part of an item. */
const nameOf = ({ id, token, sessionId, machineId, userId: user, product, from }: any): string =>
  id ?? token ?? JSON.stringify([sessionId, machineId, user, product, from]);

it('these are all lists of the API', () => {
  expect(lists.map(({ name }) => name).sort()).toEqual([
    'getUsage',
    'listActivations',
    'listApiKeys',
    'listAuditEvents',
    'listInvitations',
    'listLicensedUsers',
    'listMachines',
    'listMembers',
    'listOfflineLicenses',
    'listOrganizations',
    'listProducts',
    'listRecoveries',
    'listSessions',
    'listSoldSubscriptions',
    'listSubscriptions',
    'listVendorAuditEvents',
    'listWebhookDeliveries',
    'listWebhooks',
    'listYourInvitations',
    'listYourLicenses',
  ]);
});

it('a file that has no room for all items names the address of the rest', () => {
  const file = preferredFile(listMachines, 'text/csv');
  const { headers } = listFile(listMachines, {
    columns: file?.columns ?? [],
    page: listMachines.answers[200].body,
    path: { organizationId, product: 'A' },
    query: { limit: '50' },
    body: { items: [], nextCursor: 'more' },
    now: Date.now(),
  });
  expect(headers).toMatchObject({
    Link: `</v1/organizations/${organizationId}/subscriptions/A/machines?cursor=more>; rel="next"`,
  });
});

describe.each(lists.map((list) => [list.name, list] as const))('%s', (name, list) => {
  const ofProduct = list.path.includes('{product}');
  const products = name === 'listLicensedUsers' || !ofProduct ? ['B'] : ['A', 'B'];

  it.each(products)('pages show the whole list, each item once (product %s)', async (product) => {
    const whole = (await walk(list, product, 200)).map(steady);
    expect(whole.length).toBeGreaterThan(2);
    for (const limit of [1, 2]) expect((await walk(list, product, limit)).map(steady)).toEqual(whole);
  });

  it.each(products)(
    'what stays is told once, whatever comes and goes between the pages (product %s)',
    async (product) => {
      const stays = (await page(list, product, { limit: '200' })).items;
      let round = 0;
      const told = await walk(list, product, 1, async () => {
        if (round++ >= (isLong ? 4 : 2)) return;
        // Something new in every list.
        const as = { bearer: await addMember(`${stamp()}@acme.example`, 'user') };
        const path = { product, userId: await userId(as) };
        if (product === 'B') await got(201, grantLicense, { as: 'owner', path });
        const body = { machineId: `${round}-${stamp()}`, sessionId: stamp() };
        const activated = await call(activate, { as, path: { product }, body });
        expect([201, 409]).toContain(activated.status);
        await got(201, createApiKey, { as: 'owner', body: { name: 'new' } });
        await follow();
      });
      const names = told.map(nameOf);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toEqual(expect.arrayContaining(stays.map(nameOf)));
    },
  );

  it('its file has the same items', async () => {
    const headers = { accept: 'text/csv' };
    const path = pathOf(list, 'B');
    const items: Json[] = await walk(list, 'B', 200);
    const file = await call(list, { as: readerOf(list), path, headers });
    expect(file).toMatchObject({ status: 200, headers: { 'content-type': 'text/csv; charset=utf-8' } });
    expect(file.headers['content-disposition']).toMatch(/^attachment; filename=".+\.csv"/);
    const [heading, ...rows] = String(file.body).trimEnd().split('\r\n');
    expect(heading?.split(',').length).toBeGreaterThan(2);
    expect(rows.length).toBe(items.length);
    for (const [at, item] of items.entries())
      for (const name of ['id', 'sessionId', 'machineId', 'email', 'product'])
        if (heading?.split(',').includes(name) && item[name]) expect(rows[at]).toContain(`"${item[name]}"`);
  });

  it('its cursors are valid for no other list, product, member or organization', async () => {
    const { nextCursor: cursor } = await page(list, 'B', { limit: '1' });
    expect(cursor).toBeTypeOf('string');
    const refused = async (operation: Operation, as: As, path: Record<string, string>) => {
      const { status, body } = await call(operation, { as, path, query: { cursor } });
      expect([400, 404]).toContain(status);
      if (status === 400) expect(body.errors).toMatchObject([{ pointer: '/query/cursor' }]);
    };
    const reader = readerOf(list);
    for (const other of lists)
      if (other !== list && readerOf(other) === reader) await refused(other, reader, pathOf(other, 'B'));
    if (ofProduct) await refused(list, 'owner', { product: 'D' });
    if (reader !== 'vendor') await refused(list, 'stranger', { organizationId, ...pathOf(list, 'B') });
    if (['listActivations', 'listApiKeys'].includes(name)) await refused(list, 'user', pathOf(list, 'B'));
  });

  it('a cursor that was tampered with is refused', async () => {
    const { nextCursor } = await page(list, 'B', { limit: '1' });
    for (const at of [0, nextCursor.length >> 1, nextCursor.length - 2]) {
      const cursor = nextCursor.slice(0, at) + (nextCursor[at] === 'A' ? 'B' : 'A') + nextCursor.slice(at + 1);
      const path = pathOf(list, 'B');
      expect((await call(list, { as: readerOf(list), path, query: { cursor } })).status).toBe(400);
    }
  });
});
