import { describe, expect, it } from 'vitest';
import { acceptInvitation } from '../../../shared/contracts/accept-invitation.ts';
import { activate } from '../../../shared/contracts/activate.ts';
import { cancelRecovery } from '../../../shared/contracts/cancel-recovery.ts';
import { changeApiKey } from '../../../shared/contracts/change-api-key.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getOfflineLicenseFile } from '../../../shared/contracts/get-offline-license-file.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { getUsage } from '../../../shared/contracts/get-usage.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { grantLicenses } from '../../../shared/contracts/grant-licenses.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { listAuditEvents } from '../../../shared/contracts/list-audit-events.ts';
import { listSessions } from '../../../shared/contracts/list-sessions.ts';
import { listVendorAuditEvents } from '../../../shared/contracts/list-vendor-audit-events.ts';
import { isRefusalRecorded } from '../../../shared/contracts/operation.ts';
import { operations } from '../../../shared/contracts/operations.ts';
import { removeLicense } from '../../../shared/contracts/remove-license.ts';
import { removeMachine } from '../../../shared/contracts/remove-machine.ts';
import { removeMachineLicense } from '../../../shared/contracts/remove-machine-license.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { revokeApiKey } from '../../../shared/contracts/revoke-api-key.ts';
import { revokeInvitation } from '../../../shared/contracts/revoke-invitation.ts';
import { rotateWebhookSecret } from '../../../shared/contracts/rotate-webhook-secret.ts';
import { setMember } from '../../../shared/contracts/set-member.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { startRecovery } from '../../../shared/contracts/start-recovery.ts';
import { testWebhook } from '../../../shared/contracts/test-webhook.ts';
import { transferActivation } from '../../../shared/contracts/transfer-activation.ts';
import { transferLicense } from '../../../shared/contracts/transfer-license.ts';
import { settleAllDue } from '../../../shared/table/schedule/settle-due.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { asActor, update } from '../../../shared/table/store/table.ts';
import { followChanges } from '../support/changes.ts';
import { type Json, mint, openWorld, principalOf, stamp, startHour, terms, utcIn } from '../support/harness.ts';
import { newPerson } from '../support/invitations.ts';

// Every operation of the API gives one event by the stream of changes, in the name of its actor.
const world = await openWorld({ stream: true });
const { got, call, subscribe, userId, activated, addMember, credential } = world;
const { caughtUp } = await followChanges(world);

const all = async (): Promise<Json[]> => {
  const items: Json[] = [];
  // This includes sessions that the schedule closes early.
  const query = { limit: '200', to: utcIn(3_600_000) };
  let cursor: string | undefined;
  do {
    const page = await got(200, listAuditEvents, { as: 'owner', query: { ...query, ...(cursor && { cursor }) } });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return items;
};
/** The events that some work makes. */
const eventsOf = async (work: () => Promise<unknown>): Promise<Json[]> => {
  await caughtUp();
  const before = new Set((await all()).map(({ id }) => id));
  await work();
  await caughtUp();
  return (await all()).filter(({ id }) => !before.has(id));
};
/** Returns actions with their targets, sorted: concurrent events come in any order. */
const brief = (events: Json[]) => events.map(({ action, target }) => `${action} ${target.id}`).sort();
const by = async (as: 'owner' | 'admin' | 'user') => ({
  type: 'user',
  id: await userId(as),
  email: `${as}@acme.example`,
});

it('sessions: started, repeated, extended, moved, released, ended by force, lapsed', async () => {
  const { path: at } = await subscribe({ quota: 5 });
  let told: Json;
  const events = await eventsOf(async () => {
    told = await activated('a', 'apiKey', 'm1');
    await got(200, activate, { as: 'apiKey', body: { sessionId: 'a', machineId: 'm1' } });
    const body = { seat: told.seat, fence: told.fence };
    await got(200, heartbeat, { as: 'apiKey', path: { sessionId: 'a' }, body });
    await got(200, transferActivation, { as: 'admin', path: { sessionId: 'a' }, body: { machineId: 'm2' } });
    await got(204, deactivate, { as: 'apiKey', path: { sessionId: 'a' } });
    await got(204, deactivate, { as: 'apiKey', path: { sessionId: 'a' } });
    await activated('b', 'user', 'm1');
    await got(204, removeMachineLicense, { as: 'owner', path: { machineId: 'm1' } });
    await activated('c', 'user', 'm3');
    await got(204, removeMachine, { as: 'admin', path: { machineId: 'm3' }, query: {} });
  });
  const keyId = credential('apiKey').split('_')[1];
  const runner = { type: 'api-key', id: keyId, userId: await userId('user'), email: 'user@acme.example' };
  const startedA = events.find(({ action, target }) => action === 'activation.started' && target.id === 'a');
  expect(startedA).toMatchObject({
    actor: runner,
    product: at.product,
    target: { type: 'activation', id: 'a' },
    details: { machineId: 'm1', userId: runner.userId, seat: told.seat, fence: told.fence },
    at: told.activatedAt,
  });
  const inBrief = events.map(({ action, target, actor, details }) => [action, target.id, actor, details.reason]);
  expect(inBrief).toHaveLength(8);
  expect(inBrief).toEqual(
    expect.arrayContaining([
      ['activation.started', 'a', runner, undefined],
      ['activation.transferred', 'a', await by('admin'), undefined],
      ['activation.ended', 'a', runner, 'released'],
      ['activation.started', 'b', await by('user'), undefined],
      ['activation.ended', 'b', await by('owner'), 'license-removed'],
      ['activation.started', 'c', await by('user'), undefined],
      ['activation.ended', 'c', await by('admin'), 'machine-removed'],
      ['machine.removed', 'm3', await by('admin'), 'machine-removed'],
    ]),
  );
  // A lapse has the time of the lease's end, whenever it is found.
  const { leaseExpiresAt } = await activated('d');
  await caughtUp();
  const later = { now: Date.now() + 3_600_000, most: 1000, until: () => false };
  const found = await eventsOf(() => settleAllDue(asActor(world.table, 'service#schedule'), later));
  // By then the subscription's end has come near, too.
  const lapsed = found.filter(({ target }) => target.type === 'activation');
  expect(lapsed).toMatchObject([
    {
      action: 'activation.ended',
      at: leaseExpiresAt,
      actor: { type: 'service', id: 'schedule' },
      details: { reason: 'lease-expired' },
    },
  ]);
});

it('refusals: once per session and reason, however often its runner asks, and not for a question', async () => {
  await subscribe({ quota: 1 });
  await activated('holds');
  const asks = (sessionId: string, more: object = {}) =>
    call(activate, { as: 'apiKey', body: { sessionId, machineId: 'm', hostname: 'h', ...more } });
  const events = await eventsOf(async () => {
    await Promise.all([asks('r'), asks('r'), asks('r')]);
    expect((await asks('r')).status).toBe(409);
    await asks('s', { dryRun: true });
  });
  expect(brief(events)).toEqual(['license.refused r']);
  expect(events[0].details).toEqual({
    reason: 'license-quota',
    quota: 1,
    inUse: 1,
    userId: await userId('user'),
    machineId: 'm',
    hostname: 'h',
  });
  await subscribe({ quota: 5, machineQuota: 1 });
  await activated('holds', 'user', 'm1');
  const [refused, ...more] = await eventsOf(async () => {
    for (let times = 0; times < 2; times++) expect((await asks('r')).status).toBe(409);
  });
  expect(more).toEqual([]);
  expect(refused.details).toMatchObject({ reason: 'machine-quota', quota: 1, inUse: 1, machineId: 'm' });
});

it('licenses of users: granted, used, displaced, transferred, removed, also by removing the member', async () => {
  await subscribe({ licenseType: 'per-user', quota: 5 });
  const bearer = await addMember(`${stamp()}@acme.example`, 'user');
  const [one, other, leaving] = [await userId('user'), await userId('otherUser'), await userId({ bearer })];
  const granted = await eventsOf(async () => {
    await got(201, grantLicense, { as: 'admin', path: { userId: one } });
    await got(200, grantLicense, { as: 'admin', path: { userId: one } });
    await got(200, grantLicenses, { as: 'admin', body: { emails: ['user@acme.example'] } });
    await got(201, grantLicense, { as: 'admin', path: { userId: leaving } });
  });
  expect(brief(granted)).toEqual([`license.granted ${leaving}`, `license.granted ${one}`].sort());
  expect(granted[0].actor).toEqual(await by('admin'));

  const used = await eventsOf(async () => {
    await activated('u1', 'user', 'm1');
    await activated('u2', 'user', 'm2');
  });
  expect(brief(used)).toEqual([
    'activation.ended u1',
    'activation.started u1',
    'activation.started u2',
    'machine.registered m1',
    'machine.registered m2',
  ]);
  expect(used.find(({ action }) => action === 'activation.ended').details.reason).toBe('logged-in-elsewhere');

  const transferred = await eventsOf(async () => {
    for (let times = 0; times < 2; times++)
      await got(200, transferLicense, { as: 'admin', path: { userId: one }, body: { toUserId: other } });
  });
  expect(brief(transferred)).toEqual(
    ['activation.ended u2', `license.transferred ${other}`, 'machine.removed m1', 'machine.removed m2'].sort(),
  );
  expect(transferred.find(({ action }) => action === 'license.transferred')).toMatchObject({
    actor: await by('admin'),
    details: { from: one },
  });

  const removed = await eventsOf(async () => {
    for (let times = 0; times < 2; times++) await got(204, removeLicense, { as: 'admin', path: { userId: other } });
    await got(204, removeMember, { as: 'owner', path: { userId: leaving } });
  });
  expect(brief(removed)).toEqual(
    [`license.removed ${leaving}`, `license.removed ${other}`, `member.removed ${leaving}`].sort(),
  );
});

it('offline licenses: issued once, and each download of the file', async () => {
  await subscribe({ offline: { allowed: true } });
  let id = '';
  const events = await eventsOf(async () => {
    const headers = { 'idempotency-key': stamp() };
    for (let times = 0; times < 2; times++)
      ({ id } = await got(201, issueOfflineLicense, { as: 'admin', headers, body: { machineId: 'lab' } }));
    await got(200, getOfflineLicenseFile, { as: 'owner', path: { licenseId: id } });
    await got(404, getOfflineLicenseFile, { as: 'owner', path: { licenseId: 'off_none' } });
  });
  expect(events.sort((one, other) => (one.action < other.action ? 1 : -1))).toMatchObject([
    {
      action: 'offline-license.issued',
      actor: await by('admin'),
      target: { type: 'offline-license', id },
      details: { machineId: 'lab', userId: null },
    },
    {
      action: 'offline-license.downloaded',
      actor: await by('owner'),
      target: { type: 'offline-license', id },
      details: { machineId: 'lab' },
    },
  ]);
});

it('members, invitations and API keys', async () => {
  const { email, as } = await newPerson();
  let ids: Record<string, string> = {};
  const events = await eventsOf(async () => {
    const invited = async (address: string) =>
      (await got(200, invite, { as: 'owner', body: { emails: [address], role: 'user' } })).items[0].invitation;
    const accepted = await invited(email);
    const revoked = await invited('nobody@acme.example');
    await got(200, acceptInvitation, { as, path: { token: accepted.token } });
    // It is over: its revocation is no event.
    await got(204, revokeInvitation, { as: 'owner', path: { invitationId: accepted.id } });
    await got(204, revokeInvitation, { as: 'owner', path: { invitationId: revoked.id } });
    const newcomer = await userId(as);
    await got(200, setMember, { as: 'owner', path: { userId: newcomer }, body: { role: 'admin' } });
    await got(200, setMember, { as: 'owner', path: { userId: newcomer }, body: { role: 'admin' } });
    const key = await got(201, createApiKey, { as, body: { name: 'ci' } });
    const kept = await got(201, createApiKey, { as, body: { name: 'of a member that leaves' } });
    for (let times = 0; times < 2; times++)
      await got(200, changeApiKey, { as: 'owner', path: { keyId: key.id }, body: { maxSessions: 3 } });
    for (let times = 0; times < 2; times++) await got(204, revokeApiKey, { as, path: { keyId: key.id } });
    for (let times = 0; times < 2; times++) await got(204, removeMember, { as: 'owner', path: { userId: newcomer } });
    ids = { accepted: accepted.id, revoked: revoked.id, newcomer, key: key.id, kept: kept.id };
  });
  expect(brief(events)).toEqual(
    [
      `invitation.created ${ids.accepted}`,
      `invitation.created ${ids.revoked}`,
      `invitation.accepted ${ids.accepted}`,
      `member.added ${ids.newcomer}`,
      `invitation.revoked ${ids.revoked}`,
      `member.role-changed ${ids.newcomer}`,
      `api-key.created ${ids.key}`,
      `api-key.created ${ids.kept}`,
      `api-key.changed ${ids.key}`,
      `api-key.revoked ${ids.key}`,
      `api-key.revoked ${ids.kept}`,
      `member.removed ${ids.newcomer}`,
    ].sort(),
  );
  // The member is removed; its events still name it.
  const own = events.find(({ action, target }) => action === 'api-key.revoked' && target.id === ids.key);
  expect(own.actor).toEqual({ type: 'user', id: ids.newcomer, email });
});

it('subscriptions: sold, changed, with what changed; the same terms again are no change', async () => {
  const events = await eventsOf(async () => {
    const offline = { allowed: false, reserveOnline: 0 };
    const { set } = await subscribe({ offline, expiresAt: '2030-01-01T00:00:00.000Z' });
    await set({});
    await set({ quota: 1, status: 'suspended' });
  });
  expect(events.map(({ action }) => action).sort()).toEqual(['subscription.changed', 'subscription.created']);
  const changed = events.find(({ action }) => action === 'subscription.changed');
  expect(changed).toMatchObject({ actor: { type: 'vendor', id: 'sub-of-vendor' }, target: { type: 'subscription' } });
  expect(changed.details).toEqual({
    before: { quota: 3, machineQuota: 3, status: 'active' },
    after: { quota: 1, machineQuota: 1, status: 'suspended' },
  });
});

it('reports: each file that was given as CSV, with its range and filters; a page of a list is none', async () => {
  const { path: at } = await subscribe({ quota: 5 });
  await activated('a', 'user', 'm1');
  const csv = { accept: 'text/csv' };
  const range = { from: utcIn(-3_600_000), to: utcIn(3_600_000) };
  const events = await eventsOf(async () => {
    await got(200, listSessions, { as: 'admin', headers: csv, query: { ...range, machineId: 'm1' } });
    await got(200, getUsage, { as: 'admin', headers: csv, query: { ...range, granularity: 'day' } });
    await got(200, listSessions, { as: 'admin', query: range });
    await got(403, listSessions, { as: 'user', headers: csv, query: range });
  });
  const told = { actor: await by('admin'), action: 'report.exported', product: at.product };
  expect(events).toHaveLength(2);
  expect(events).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        ...told,
        target: { type: 'report', id: 'sessions' },
        details: { ...range, machineId: 'm1', rows: expect.any(Number) },
      }),
      expect.objectContaining({
        ...told,
        target: { type: 'report', id: 'usage' },
        details: { ...range, granularity: 'day', rows: expect.any(Number) },
      }),
    ]),
  );
});

it('the rotation of a webhook’s secret: once, however often its request is repeated', async () => {
  const { id } = await got(201, createWebhook, {
    as: 'owner',
    body: { url: 'https://hooks.example.com/', events: ['license.refused'] },
  });
  const events = await eventsOf(async () => {
    const headers = { 'idempotency-key': stamp() };
    for (let times = 0; times < 2; times++)
      await got(200, rotateWebhookSecret, { as: 'admin', headers, path: { webhookId: id }, body: { overlapHours: 1 } });
  });
  expect(events).toMatchObject([
    { action: 'webhook.secret-rotated', actor: await by('admin'), target: { type: 'webhook', id } },
  ]);
});

describe('failed authentications', () => {
  /** Asks the authorizer with a well-formed but wrong key: another secret each time, so that no cache answers. */
  const guess = (keyId: string) => principalOf(`lh_${keyId}_${stamp()}${stamp().slice(0, 19)}`);
  const newKey = () => got(201, createApiKey, { as: 'owner', body: { name: 'guessed' } });

  it('a wrong secret is an event of the key’s organization, and a flood of them is one event and one write', async () => {
    // Another hour, or minute, would have another write.
    startHour();
    const { id } = await newKey();
    const tallied = async () => (await world.stored()).filter((item) => item.includes('"keyId"') && item.includes(id));
    const events = await eventsOf(async () => {
      expect(await guess(id)).toEqual({ type: 'nobody' });
      const after = await tallied();
      for (let times = 0; times < 20; times++) expect(await guess(id)).toEqual({ type: 'nobody' });
      expect(await tallied()).toEqual(after);
    });
    expect(events).toMatchObject([
      {
        action: 'authentication.failed',
        actor: { type: 'service', id: 'sign-in' },
        target: { type: 'api-key', id },
        details: { reason: 'wrong-secret', count: 1 },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('lh_');
  });
  it('a key that was revoked, or has expired, says so', async () => {
    startHour();
    const revoked = await newKey();
    const ended = await newKey();
    await got(204, revokeApiKey, { as: 'owner', path: { keyId: revoked.id } });
    await update(world.table, {
      Key: keys.apiKey(world.organizationId, ended.id),
      UpdateExpression: 'SET expiresAt = :past',
      ExpressionAttributeValues: { ':past': Date.now() - 1 },
    });
    const events = await eventsOf(async () => {
      for (const { key } of [revoked, ended]) expect(await principalOf(key)).toEqual({ type: 'nobody' });
    });
    const told = events.filter(({ action }) => action === 'authentication.failed');
    expect(told.map(({ target, details }) => [target.id, details.reason, details.count]).sort()).toEqual(
      [
        [revoked.id, 'revoked', 1],
        [ended.id, 'expired', 1],
      ].sort(),
    );
  });
  it('an unknown key, a token of another issuer, or junk writes nothing', async () => {
    const before = await world.stored();
    const { id } = { id: credential('apiKey').split('_')[1] as string };
    await guess(`${id.slice(0, -4)}zzzz`);
    await principalOf('junk');
    await principalOf(`${credential('owner')}x`);
    expect(await world.stored()).toEqual(before);
  });
});

it.each(
  operations.filter(({ access }) => isRefusalRecorded(access)).map((operation) => [operation.name, operation] as const),
)('%s may note its refusals', (_, { table }) => expect(table.TRAIL).toContain('UpdateItem'));

it('the vendor’s work, by a vendor who is a member: in the vendor’s name, and in the vendor’s trail', async () => {
  await subscribe();
  const [sub, email] = [stamp(), `${stamp()}@acme.example`];
  await addMember(email, 'user');
  const as = { bearer: await mint({ sub, email, email_verified: true, 'cognito:groups': ['vendor'] }) };
  const actor = { type: 'vendor', id: sub };
  const events = await eventsOf(async () => {
    const note = 'Paid by Globex';
    await got(200, setSubscription, { as, body: terms({ quota: 7, note }) });
    expect(await got(200, getSubscription, { as })).toMatchObject({ note });
    const { id: recoveryId } = await got(201, startRecovery, { as, body: { userId: await userId('user') } });
    await got(204, cancelRecovery, { as, path: { recoveryId } });
  });
  expect(events.map((event) => [event.action, event.actor]).sort()).toEqual([
    ['member.recovery-cancelled', actor],
    ['member.recovery-started', actor],
    ['subscription.changed', actor],
  ]);
  const { items } = await got(200, listVendorAuditEvents, {
    as: 'vendor',
    query: { actor: sub, to: utcIn(3_600_000) },
  });
  expect(items.map(({ id }: Json) => id).sort()).toEqual(events.map(({ id }) => id).sort());
});

it('refused power: caller and operation, once an hour however often; not for an outsider, nor by the state of a thing', async () => {
  startHour();
  await subscribe();
  const unconfirmed = { url: 'https://unconfirmed.example.com/', events: ['license.refused'] };
  const { id: webhookId } = await got(201, createWebhook, { as: 'owner', body: unconfirmed });
  const asks = async (as: 'user' | 'fullKey' | 'apiKey' | 'stranger', status: number) => {
    await got(status, invite, { as, body: { emails: ['x@acme.example'], role: 'admin' } });
    await got(status, setMember, { as, path: { userId: await userId('user') }, body: { role: 'owner' } });
    await got(status, createWebhook, { as, body: { url: 'https://hooks.example.com/', events: ['*'] } });
  };
  const events = await eventsOf(async () => {
    for (let times = 0; times < 3; times++) await asks('user', 403);
    await asks('apiKey', 403);
    await asks('stranger', 404);
    await got(403, setMember, { as: 'admin', path: { userId: await userId('user') }, body: { role: 'owner' } });
    await got(403, setSubscription, { as: 'owner', body: terms() });
    await got(403, createApiKey, { as: 'apiKey', body: { name: 'more' } });
    await got(403, testWebhook, { as: 'owner', path: { webhookId } });
    await got(403, issueOfflineLicense, { as: 'owner', body: { machineId: 'lab' } });
  });
  const [key, user] = [credential('apiKey').split('_')[1], await userId('user')];
  expect(events.map(({ action, actor, details }) => [action, actor.id, details.operation]).sort()).toEqual(
    [
      ...['createWebhook', 'invite', 'setMember'].map((operation) => [user, operation]),
      ...['createApiKey', 'createWebhook', 'invite', 'setMember'].map((operation) => [key, operation]),
      [await userId('admin'), 'setMember'],
      [await userId('owner'), 'setSubscription'],
    ]
      .map((told) => ['authorization.refused', ...told])
      .sort(),
  );
});
