import { DeleteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import pMap from 'p-map';
import { expect, it } from 'vitest';
import { operations } from '../../../shared/contracts/operations.ts';
import { readWebhook } from '../../../shared/table/outbox/webhooks.ts';
import { settleAllDue } from '../../../shared/table/schedule/settle-due.ts';
import type { Item } from '../../../shared/table/store/table.ts';
import { putMany } from '../../table/support/database.ts';
import { openFollower } from '../support/changes.ts';
import { readLeft, signIns, useEverything, writeLeft } from '../support/former-release.ts';
import { type As, clock, day, openWorld, terms } from '../support/harness.ts';

const world = await openWorld({ stream: true });
const { call, got, table } = world;
const follow = await openFollower(table);

const itemsNow = async (): Promise<Item[]> => {
  const items: Item[] = [];
  let after: Record<string, unknown> | undefined;
  do {
    const page = await table.client.send(new ScanCommand({ TableName: table.name, ExclusiveStartKey: after }));
    items.push(...((page.Items ?? []) as Item[]));
    after = page.LastEvaluatedKey;
  } while (after);
  return items.filter(({ pk }) => !String(pk).startsWith('SECRET#'));
};

const settle = () => settleAllDue(table, { now: Date.now(), most: 1000, until: () => false });

/** Uses everything, follows all changes, and returns what is in the table then. */
const leave = async () => {
  await follow.skip();
  const before = new Set((await itemsNow()).map(({ pk, sk }) => `${pk} ${sk}`));
  const names = await useEverything(world);
  await follow();
  await settle();
  await follow();
  const items = (await itemsNow()).filter(({ pk, sk }) => !before.has(`${pk} ${sk}`));
  return { at: Date.now(), names, items };
};

/** The kind of an item, by the words in its key. */
const kindOf = ({ pk, sk }: Item) => [pk, sk].map((text) => /^[A-Z]+(?=#|$)/.exec(String(text))?.[0] ?? '*').join(' ');

/** The attributes that every item of a kind has, with their types. */
const shapesOf = (items: readonly Item[]): Map<string, Set<string>> => {
  const shapes = new Map<string, Set<string>>();
  for (const item of items) {
    const kind = kindOf(item);
    const typesOf = Object.entries(marshall(item)).map(([name, value]) => `${name}: ${Object.keys(value)[0]}`);
    const own = new Set(typesOf);
    const shape = shapes.get(kind) ?? own;
    shapes.set(kind, new Set([...shape].filter((attribute) => own.has(attribute))));
  }
  return shapes;
};

const today = await leave();
if (process.env.WRITE_RELEASE) writeLeft(today);
const former = readLeft();

it('the former release reads today’s items: each has all attributes that such an item always had', () => {
  const shapes = shapesOf(today.items);
  expect(former.items.length).toBeGreaterThan(100);
  for (const [kind, shape] of shapesOf(former.items)) {
    expect(shapes.has(kind), `items of the kind ${kind}`).toBe(true);
    expect(
      [...shape].filter((attribute) => !shapes.get(kind)?.has(attribute)),
      kind,
    ).toEqual([]);
  }
});

it('each operation works on the items of the former release', async () => {
  const erase = ({ pk, sk }: Item) => table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
  await pMap(await itemsNow(), erase, { concurrency: 16 });
  await putMany(table, former.items);
  await follow.skip();
  // A second after they were left: the session in the queue still waits.
  clock.advance(former.at - Date.now() + 1000);
  const { vendor, owner, user, other, third, guest } = await signIns();
  const { organizationId, members, key, ...names } = former.names;
  const runner = { bearer: key as string };
  const floating = { product: 'FLOATING' };
  const users = { product: 'USERS' };
  const done = new Set<string>();
  const does = async (status: number, name: string, as: As, path: object = {}, rest: object = {}) => {
    done.add(name);
    const operation = operations.find((one) => one.name === name)!;
    const named = Object.entries({ organizationId, ...path }).filter(([one]) => operation.path.includes(`{${one}}`));
    return got(status, operation, { as, path: Object.fromEntries(named), ...rest });
  };
  const body = (sent: object) => ({ body: sent });

  // Reads.
  for (const name of ['health', 'jwks', 'openapiDocument']) await does(200, name, 'nobody');
  expect((await does(200, 'getMe', user)).memberships).toEqual([{ organizationId, role: 'user' }]);
  expect((await does(200, 'getMe', runner)).keyId).toBe(names.keyId);
  expect((await does(200, 'getOrganization', owner)).name).toBe('Former');
  expect((await does(200, 'listOrganizations', owner)).items).toHaveLength(1);
  expect((await does(200, 'listMembers', owner)).items).toHaveLength(4);
  expect((await does(200, 'listInvitations', owner)).items).toMatchObject([{ id: names.invitationId }]);
  expect((await does(200, 'listYourInvitations', guest)).items).toHaveLength(1);
  expect((await does(200, 'listApiKeys', user)).items).toMatchObject([{ id: names.keyId, maxSessions: 4 }]);
  expect((await does(200, 'listWebhooks', owner)).items).toHaveLength(2);
  const { items: deliveries } = await does(200, 'listWebhookDeliveries', owner, { webhookId: names.webhookId });
  expect(deliveries.length).toBeGreaterThan(5);
  expect((await does(200, 'listRecoveries', owner)).items).toMatchObject([{ id: names.recoveryId }]);
  expect(await does(200, 'getLimits', owner)).toMatchObject({ webhooks: 5 });
  expect((await does(200, 'listSubscriptions', owner)).items).toHaveLength(2);
  expect(await does(200, 'getSubscription', owner, floating)).toMatchObject({
    quota: 5,
    inUse: { online: 4, offline: 1 },
    queue: { length: 1 },
  });
  expect((await does(200, 'listSoldSubscriptions', vendor)).items.length).toBeGreaterThan(0);
  for (const name of ['listProducts', 'listVendorAuditEvents'])
    expect((await does(200, name, vendor)).items.length).toBeGreaterThan(1);
  expect(await does(200, 'getProduct', vendor, floating)).toMatchObject({ licenseType: 'floating' });
  expect(await does(200, 'getAlerts', owner, floating)).toMatchObject({ usePercent: 80 });
  expect((await does(200, 'listActivations', owner, floating)).items).toHaveLength(4);
  expect(await does(200, 'getActivation', user, { ...floating, sessionId: 'removed' })).toMatchObject({
    endedReason: 'license-removed',
  });
  expect((await does(200, 'listMachines', owner, floating)).items.length).toBeGreaterThan(2);
  expect((await does(200, 'listOfflineLicenses', owner, floating)).items).toHaveLength(2);
  await does(200, 'getOfflineLicenseFile', owner, { ...floating, licenseId: names.licenseId });
  expect((await does(200, 'listLicensedUsers', owner, users)).items).toHaveLength(2);
  expect((await does(200, 'listYourLicenses', user)).items).toHaveLength(2);
  const from = { query: { from: new Date(former.at - day).toISOString() } };
  expect((await does(200, 'listSessions', owner, floating, from)).items.length).toBeGreaterThan(4);
  await does(200, 'getUsage', owner, floating, from);
  const events = (await does(200, 'listAuditEvents', owner, {}, { query: { ...from.query, limit: '200' } })).items;
  expect(new Set(events.map(({ action }: { action: string }) => action)).size).toBeGreaterThan(12);

  // Writes.
  const claim = (name: 'first' | 'second' | 'personal') => body(former.names[name]);
  await does(200, 'heartbeat', user, { ...floating, sessionId: 'first' }, claim('first'));
  await does(200, 'heartbeat', runner, { ...floating, sessionId: 'second' }, claim('second'));
  await does(200, 'heartbeat', user, { ...users, sessionId: 'personal' }, claim('personal'));
  await does(200, 'activate', user, floating, body({ sessionId: 'first', machineId: 'm1' }));
  await does(200, 'transferActivation', owner, { ...floating, sessionId: 'first' }, body({ machineId: 'm2' }));
  await does(204, 'deactivate', other, { ...floating, sessionId: 'third' });
  await does(201, 'activate', user, floating, body({ sessionId: 'waiting', machineId: 'm2', waitSeconds: 86_400 }));
  await does(200, 'voidOfflineLicense', vendor, { ...floating, licenseId: names.licenseId }, body({ reason: 'Test' }));
  await does(201, 'issueOfflineLicense', owner, floating, body({ machineId: 'm1' }));
  await does(
    200,
    'setSubscription',
    vendor,
    floating,
    body(terms({ quota: 20, machineQuota: 20, offline: { allowed: true } })),
  );
  await does(201, 'activate', runner, floating, body({ sessionId: 'new', machineId: 'm5' }));
  await does(204, 'removeMachineLicense', owner, { ...floating, machineId: 'm5' });
  await does(204, 'removeMachine', owner, { ...floating, machineId: 'm2' });
  await does(200, 'setAlerts', owner, floating, body({ usePercent: 90, useMinutes: 1, waitMinutes: null }));
  await does(204, 'testAlerts', owner, floating);
  await does(204, 'removeLicense', owner, { ...users, userId: members.other });
  await does(200, 'transferLicense', owner, { ...users, userId: members.user }, body({ toUserId: members.other }));
  await does(201, 'grantLicense', owner, { ...users, userId: members.user });
  await does(200, 'grantLicenses', owner, users, body({ emails: ['later@former.example'] }));
  await does(200, 'changeApiKey', owner, { keyId: names.keyId }, body({ maxSessions: 3 }));
  await does(201, 'createApiKey', other, {}, body({ name: 'New' }));
  await does(202, 'testWebhook', owner, { webhookId: names.webhookId });
  const [{ id: deliveryId }] = deliveries;
  await does(202, 'redeliverWebhook', owner, { webhookId: names.webhookId, deliveryId });
  await does(200, 'rotateWebhookSecret', owner, { webhookId: names.webhookId }, body({}));
  const unconfirmed = await readWebhook(table, { organizationId, id: names.unconfirmedId });
  const challenge = body({ challenge: unconfirmed?.challenge });
  await does(200, 'confirmWebhook', owner, { webhookId: names.unconfirmedId }, challenge);
  await does(201, 'createWebhook', owner, {}, body({ url: 'https://new.former.example/', events: ['*'] }));
  await does(204, 'removeWebhook', owner, { webhookId: names.webhookId });
  await does(200, 'setLimits', vendor, {}, body({ webhooks: 6 }));
  await does(200, 'setProduct', vendor, floating, body({ name: 'Renamed', licenseType: 'floating' }));
  await does(204, 'removeProduct', vendor, users);
  await does(200, 'consentToRecovery', user, { recoveryId: names.recoveryId });
  await does(204, 'cancelRecovery', owner, { recoveryId: names.recoveryId });
  await does(201, 'startRecovery', vendor, {}, body({ userId: members.third }));
  await does(404, 'completeRecovery', third, { recoveryId: names.recoveryId });
  await does(200, 'setMember', owner, { userId: members.other }, body({ role: 'admin' }));
  await does(204, 'revokeInvitation', owner, { invitationId: names.invitationId });
  const { items } = await does(200, 'invite', owner, {}, body({ emails: ['guest@former.example'], role: 'user' }));
  await does(200, 'acceptInvitation', guest, { token: items[0].invitation.token });
  await does(204, 'revokeApiKey', user, { keyId: names.keyId });
  await does(204, 'removeMember', owner, { userId: members.user });
  await does(201, 'createOrganization', vendor, {}, body({ name: 'Next', ownerEmail: 'owner@former.example' }));
  expect(operations.map(({ name }) => name).filter((name) => !done.has(name))).toEqual([]);

  // The stream function and the schedule go on with them, too: at once, and when leases have ended.
  await follow();
  clock.advance(2 * 3_600_000);
  expect((await settle()).failed).toEqual([]);
  await follow();
  expect(
    await call(operations.find(({ name }) => name === 'listActivations')!, {
      as: owner,
      path: { organizationId, ...floating },
    }),
  ).toMatchObject({
    status: 200,
    body: { items: [] },
  });
});
