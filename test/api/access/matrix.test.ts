import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { listWebhooks } from '../../../shared/contracts/list-webhooks.ts';
import type { Operation } from '../../../shared/contracts/operation.ts';
import { operations } from '../../../shared/contracts/operations.ts';
import { removeWebhook } from '../../../shared/contracts/remove-webhook.ts';
import { setLimits } from '../../../shared/contracts/set-limits.ts';
import { setProduct } from '../../../shared/contracts/set-product.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { startRecovery } from '../../../shared/contracts/start-recovery.ts';
import { newId } from '../../../shared/ids.ts';
import { listDeliveries, planDeliveries } from '../../../shared/table/outbox/deliveries.ts';
import { readWebhook } from '../../../shared/table/outbox/webhooks.ts';
import { inviteOne } from '../../table/support/invite-one.ts';
import { type Answer, type As, type Call, day, openWorld, stamp, terms } from '../support/harness.ts';
import { confirmed, someEvent } from '../support/webhooks.ts';

const { call, got, subscribe, organizationId, foreignId, addMember, userId, table } = await openWorld();

/**
 * The status of each operation by role, for valid input about things of `user`. Written by hand, from the design: it
 * checks the contracts' access data, so nothing here may be derived from them.
 */
const matrix = `
                    vendor  owner  admin  billingManager  user  otherUser  apiKey  fullKey  stranger  nobody
activate            403     201    201    201             201   201        201     201      404       401
heartbeat           403     404    404    404             200   404        200     200      404       401
deactivate          403     204    204    404             204   404        204     204      404       401
getActivation       403     200    200    404             200   404        200     200      404       401
listActivations     403     200    200    200             200   200        200     200      404       401
transferActivation  403     200    200    403             403   403        403     403      404       401
listLicensedUsers   403     200    200    403             403   403        403     403      404       401
grantLicense        403     201    201    403             403   403        403     403      404       401
grantLicenses       403     200    200    403             403   403        403     403      404       401
removeLicense       403     204    204    403             403   403        403     403      404       401
transferLicense     403     200    200    403             403   403        403     403      404       401
issueOfflineLicense 403     201    201    403             403   403        403     403      404       401
listOfflineLicenses 403     200    200    403             403   403        403     403      404       401
getOfflineLicenseFile 403   200    200    403             403   403        403     403      404       401
voidOfflineLicense  200     403    403    403             403   403        403     403      404       401
listMachines        403     200    200    403             403   403        403     403      404       401
removeMachine       403     204    204    403             403   403        403     403      404       401
removeMachineLicense  403   204    204    403             403   403        403     403      404       401
listSessions        403     200    200    403             403   403        403     403      404       401
getUsage            403     200    200    403             403   403        403     403      404       401
setSubscription     200     403    403    403             403   403        403     403      404       401
getSubscription     200     200    200    200             403   403        403     403      404       401
listSubscriptions   403     200    200    200             200   200        403     200      404       401
getMe               200     200    200    200             200   200        200     200      200       401
setProduct          200     403    403    403             403   403        403     403      403       401
listProducts        200     403    403    403             403   403        403     403      403       401
getProduct          200     403    403    403             403   403        403     403      403       401
removeProduct       204     403    403    403             403   403        403     403      403       401
listVendorAuditEvents 200   403    403    403             403   403        403     403      403       401
listSoldSubscriptions 200   403    403    403             403   403        403     403      403       401
getAlerts           403     200    200    403             403   403        403     403      404       401
setAlerts           403     200    200    403             403   403        403     403      404       401
testAlerts          403     204    204    403             403   403        403     403      404       401
listYourLicenses    403     200    200    200             200   200        403     200      404       401
createOrganization  201     403    403    403             403   403        403     403      403       401
listOrganizations   200     200    200    200             200   200        403     403      200       401
getOrganization     200     200    200    200             200   200        403     200      404       401
getLimits           200     200    200    403             403   403        403     403      404       401
setLimits           200     403    403    403             403   403        403     403      404       401
listMembers         403     200    200    200             200   200        403     200      404       401
setMember           403     200    200    403             403   403        403     403      404       401
removeMember        403     204    204    403             403   403        403     403      404       401
invite              403     200    200    403             403   403        403     403      404       401
listInvitations     403     200    200    403             403   403        403     403      404       401
revokeInvitation    403     204    204    403             403   403        403     403      404       401
listYourInvitations 200     200    200    200             200   200        403     403      200       401
acceptInvitation    404     404    404    404             200   404        403     403      404       401
startRecovery       201     403    403    403             403   403        403     403      404       401
listRecoveries      200     200    200    200             200   200        403     200      404       401
consentToRecovery   403     200    200    200             200   200        403     403      404       401
cancelRecovery      204     204    204    403             403   403        403     403      404       401
completeRecovery    404     404    404    404             404   404        403     403      404       401
createApiKey        403     201    201    201             201   201        403     403      404       401
listApiKeys         403     200    200    200             200   200        403     200      404       401
changeApiKey        403     200    200    403             403   403        403     403      404       401
revokeApiKey        403     204    204    404             204   404        403     204      404       401
listAuditEvents     403     200    200    403             403   403        403     403      404       401
createWebhook       403     201    201    403             403   403        403     403      404       401
confirmWebhook      403     200    200    403             403   403        403     403      404       401
listWebhooks        403     200    200    403             403   403        403     403      404       401
removeWebhook       403     204    204    403             403   403        403     403      404       401
rotateWebhookSecret 403     200    200    403             403   403        403     403      404       401
listWebhookDeliveries 403     200    200    403             403   403        403     403      404       401
redeliverWebhook    403     202    202    403             403   403        403     403      404       401
testWebhook         403     202    202    403             403   403        403     403      404       401
health              200     200    200    200             200   200        200     200      200       200
openapiDocument     200     200    200    200             200   200        200     200      200       200
jwks                200     200    200    200             200   200        200     200      200       200
`;
/** Operations without an organization, or for a person who is about to become a member of one. */
const ofNoOrganization = [
  'getMe',
  'createOrganization',
  'listOrganizations',
  'listSoldSubscriptions',
  'setProduct',
  'listProducts',
  'getProduct',
  'removeProduct',
  'listVendorAuditEvents',
  'listYourInvitations',
  'acceptInvitation',
  'completeRecovery',
  'health',
  'openapiDocument',
  'jwks',
];
/** The operations that the vendor may do in any organization. */
const ofTheVendor = [
  'getLimits',
  'setLimits',
  'startRecovery',
  'listRecoveries',
  'cancelRecovery',
  'voidOfflineLicense',
  'setSubscription',
  'getSubscription',
  'getOrganization',
];

const [columns = [], ...rows] = matrix
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/ +/));
const names = operations.map(({ name }) => name);
const operationOf = (name: string) => operations.find((operation) => operation.name === name) as Operation;
const cells = rows.flatMap(([name = '', ...statuses]) =>
  columns.map((as, column) => [name, as as Exclude<As, object>, Number(statuses[column])] as const),
);

// More keys and webhooks than an organization has by default.
for (const id of [organizationId, foreignId])
  await got(200, setLimits, {
    as: 'vendor',
    path: { organizationId: id },
    body: { apiKeysPerMember: 1000, webhooks: 100 },
  });
const offline = { allowed: true };
await subscribe({ quota: 1000, offline });
await got(201, setSubscription, {
  as: 'vendor',
  path: { organizationId: foreignId, product: 'KRE' },
  body: terms({ quota: 1000, offline }),
});
for (const id of [organizationId, foreignId])
  await got(201, setSubscription, {
    as: 'vendor',
    path: { organizationId: id, product: 'KSE' },
    body: terms({ licenseType: 'per-user', quota: 1000 }),
  });

await got(200, setProduct, {
  as: 'vendor',
  path: { product: 'KRE' },
  body: { name: 'Runner', licenseType: 'floating' },
});

interface Place {
  as: As;
  path: { organizationId?: string; product?: string };
}
const own: Place = { as: 'user', path: {} };
const foreign: Place = { as: 'stranger', path: { organizationId: foreignId, product: 'KRE' } };

const activation = async ({ as, path }: Place) => {
  const sessionId = stamp();
  const { seat, fence } = await got(201, activate, { as, path, body: { machineId: 'm', sessionId } });
  return { path: { sessionId }, body: { seat, fence } };
};
const invitation = async ({ path: { organizationId: id } }: Place) => {
  const path: Record<string, string> = id ? { organizationId: id } : {};
  const body = { emails: [`${stamp()}@example.com`], role: 'user' };
  return (await got(200, invite, { as: id ? 'stranger' : 'owner', path, body })).items[0].invitation;
};
/** The token of an invitation to a new organization. */
const tokenFor = async (email: string) => {
  const expiresAt = Date.now() + day;
  const request = { organizationId: newId('org'), email, role: 'user', expiresAt } as const;
  const invited = await inviteOne(table, request, Date.now());
  return invited.outcome === 'invited' ? invited.token : '';
};
/** A new member, with or without a license of the per-user product. */
const someUser = async ({ path }: Place, licensed: boolean) => {
  const bearer = await addMember(`${stamp()}@example.com`, 'user', path.organizationId);
  const own = {
    organizationId: path.organizationId ?? organizationId,
    product: 'KSE',
    userId: await userId({ bearer }),
  };
  if (licensed) await got(201, grantLicense, { as: path.organizationId ? 'stranger' : 'owner', path: own });
  return { product: own.product, userId: own.userId };
};
/** A recovery of another member. */
const recovery = async (place: Place) => {
  const { userId: id } = await someUser(place, false);
  const path: Record<string, string> = place.path.organizationId ? { organizationId: place.path.organizationId } : {};
  const started = await got(201, startRecovery, { as: 'vendor', path, body: { userId: id } });
  return { path: { recoveryId: started.id as string } };
};
const offlineLicense = async ({ path }: Place) =>
  got(201, issueOfflineLicense, {
    as: path.organizationId ? 'stranger' : 'owner',
    path: { ...path } as Record<string, string>,
    body: { machineId: 'm' },
  });
/** A machine that is in use. */
const machine = async ({ as, path }: Place) => {
  const machineId = stamp();
  await got(201, activate, { as, path, body: { machineId, sessionId: stamp() } });
  return { path: { machineId } };
};
/** A new webhook. */
const webhook = async ({ path }: Place) => {
  const as = path.organizationId ? 'stranger' : 'owner';
  const body = { url: 'https://hooks.example.com/', events: ['license.refused'] };
  const id = path.organizationId ?? organizationId;
  for (const { id: webhookId } of (await got(200, listWebhooks, { as, path: { organizationId: id } })).items)
    await got(204, removeWebhook, { as, path: { organizationId: id, webhookId } });
  return { webhookId: (await got(201, createWebhook, { as, path: { organizationId: id }, body })).id as string };
};
/** A delivery to the webhook. */
const delivery = async (place: Place) => {
  const path = await webhook(place);
  const id = place.path.organizationId ?? organizationId;
  await confirmed(table, id, { id: path.webhookId });
  await planDeliveries(table, someEvent(id), Date.now());
  const { items: deliveries } = await listDeliveries(table, { organizationId: id, id: path.webhookId }, { limit: 1 });
  return { path: { ...path, deliveryId: deliveries[0]!.id } };
};
/** Valid input: about something that belongs to the `user`, or in the other organization to its owner. */
const inputs: Record<string, (place: Place) => Promise<Omit<Call, 'as'>>> = {
  activate: async () => ({ body: { machineId: 'm', sessionId: stamp() } }),
  heartbeat: activation,
  deactivate: async (place) => ({ path: (await activation(place)).path }),
  getActivation: async (place) => ({ path: (await activation(place)).path }),
  transferActivation: async (place) => ({ path: (await activation(place)).path, body: { machineId: stamp() } }),
  listLicensedUsers: async () => ({ path: { product: 'KSE' } }),
  grantLicense: async (place) => ({ path: await someUser(place, false) }),
  grantLicenses: async () => ({ path: { product: 'KSE' }, body: { emails: ['user@acme.example'] } }),
  removeLicense: async (place) => ({ path: await someUser(place, true) }),
  transferLicense: async (place) => {
    const { userId: toUserId } = await someUser(place, false);
    return { path: await someUser(place, true), body: { toUserId } };
  },
  issueOfflineLicense: async () => ({ body: { machineId: 'm' } }),
  setLimits: async () => ({ body: { apiKeysPerMember: 1000, webhooks: 100 } }),
  voidOfflineLicense: async (place) => ({
    path: { licenseId: (await offlineLicense(place)).id },
    body: { reason: 'Issued by mistake' },
  }),
  getOfflineLicenseFile: async (place) => ({ path: { licenseId: (await offlineLicense(place)).id } }),
  setAlerts: async () => ({ body: { usePercent: 90, useMinutes: 5, waitMinutes: null } }),
  removeMachine: machine,
  removeMachineLicense: machine,
  setSubscription: async () => ({ body: terms({ quota: 1000, offline }) }),
  setProduct: async () => ({ path: { product: 'KRE' }, body: { name: 'Runner', licenseType: 'floating' } }),
  getProduct: async () => ({ path: { product: 'KRE' } }),
  removeProduct: async () => {
    const path = { product: 'GONE' };
    await got(200, setProduct, { as: 'vendor', path, body: { name: 'Gone', licenseType: 'floating' } });
    return { path };
  },
  createOrganization: async () => ({ body: { name: 'New', ownerEmail: `${stamp()}@example.com` } }),
  createApiKey: async () => ({ body: { name: 'New' } }),
  setMember: async (place) => ({ path: await someUser(place, false), body: { role: 'billing-manager' } }),
  removeMember: async (place) => ({ path: await someUser(place, false) }),
  invite: async () => ({ body: { emails: [`${stamp()}@example.com`], role: 'user' } }),
  revokeInvitation: async (place) => ({ path: { invitationId: (await invitation(place)).id } }),
  acceptInvitation: async () => ({ path: { token: await tokenFor('user@acme.example') } }),
  startRecovery: async (place) => ({ body: { userId: (await someUser(place, false)).userId } }),
  consentToRecovery: recovery,
  cancelRecovery: recovery,
  completeRecovery: recovery,
  createWebhook: async (place) => {
    // Makes room: an organization has a bounded number of them.
    await webhook(place);
    return { body: { url: `https://hooks.example.com/${stamp()}`, events: ['*'] } };
  },
  confirmWebhook: async (place) => {
    const path = await webhook(place);
    const id = place.path.organizationId ?? organizationId;
    return {
      path,
      body: { challenge: (await readWebhook(table, { organizationId: id, id: path.webhookId }))?.challenge },
    };
  },
  removeWebhook: async (place) => ({ path: await webhook(place) }),
  rotateWebhookSecret: async (place) => ({ path: await webhook(place), body: {} }),
  listWebhookDeliveries: async (place) => ({ path: await webhook(place) }),
  redeliverWebhook: delivery,
  testWebhook: async (place) => ({ path: (await delivery(place)).path }),
  changeApiKey: async ({ path: { organizationId: id } }) => {
    const [as, path]: [As, Record<string, string>] = id ? ['stranger', { organizationId: id }] : ['user', {}];
    const { id: keyId } = await got(201, createApiKey, { as, path, body: { name: 'New' } });
    return { path: { keyId }, body: { maxSessions: 3 } };
  },
  revokeApiKey: async ({ as, path: { organizationId: id } }) => {
    const path: Record<string, string> = id ? { organizationId: id } : {};
    return { path: { keyId: (await got(201, createApiKey, { as, path, body: { name: 'New' } })).id } };
  },
};
/** The input of requests that are refused, by place and operation: a refusal changes nothing, so one is enough. */
const ofRefused = new Map<Place, Map<string, Omit<Call, 'as'>>>([own, foreign].map((place) => [place, new Map()]));
const inputOf = async (name: string, place: Place, isRefused: boolean): Promise<Omit<Call, 'as'>> => {
  const known = isRefused ? ofRefused.get(place)?.get(name) : undefined;
  const input = known ?? (await inputs[name]?.(place)) ?? {};
  if (isRefused) ofRefused.get(place)?.set(name, input);
  return input;
};
const attempt = async (
  name: string,
  as: As,
  place: Place,
  { path = place.path, isRefused }: { path?: Record<string, string | undefined>; isRefused: boolean },
) => {
  const input = await inputOf(name, place, isRefused);
  const operation = operationOf(name);
  const merged = Object.entries({ ...path, ...input.path }).filter(([parameter]) =>
    operation.path.includes(`{${parameter}}`),
  );
  const asked = Object.fromEntries(merged) as Record<string, string>;
  return { ...(await call(operation, { ...input, as, path: asked })), asked };
};

/** Returns an answer without the ID of its request, and with the IDs of a path, which the caller chose, left out. */
const impersonal = ({ status, headers, body }: Answer, ...paths: object[]) => {
  const ids = paths.flatMap((path) => Object.values(path));
  const detail = body.detail.replaceAll(/[^\s,]+/g, (word: string) => (ids.includes(word) ? 'ID' : word));
  return { status, headers: { ...headers, 'x-request-id': '' }, body: { ...body, requestId: '', detail } };
};

it('has a row for every operation', () => {
  expect(rows.map(([name]) => name).sort()).toEqual([...names].sort());
  expect(new Set(cells.map(([, as]) => as)).size).toBe(10);
  for (const [, , status] of cells) expect(status).toBeGreaterThanOrEqual(200);
});

describe('in the caller’s own organization', () => {
  it.each(cells)('%s by %s: %i', async (name, as, status) => {
    expect((await attempt(name, as, own, { isRefused: status >= 400 })).status).toBe(status);
  });
});

/** Returns the status of the vendor's request in any organization. */
const vendorStatus = (name: string) => cells.find(([of, as]) => of === name && as === 'vendor')?.[2];
const inOrganizations = cells.filter(([name]) => !ofNoOrganization.includes(name));

describe('in another organization', () => {
  it.each(inOrganizations.filter(([, as]) => as !== 'stranger'))('%s by %s', async (name, as) => {
    const { status } = await attempt(name, as, foreign, { isRefused: as !== 'vendor' });
    if (as === 'nobody') expect(status).toBe(401);
    else if (as !== 'vendor') expect(status).toBe(404);
    else expect(status).toBe(ofTheVendor.includes(name) ? vendorStatus(name) : 403);
  });
});

describe('a caller without access gets the same 404 as for a missing resource', () => {
  it.each(names.filter((name) => !ofNoOrganization.includes(name)))('%s', async (name) => {
    for (const as of ['owner', 'user', 'apiKey', 'fullKey'] as const) {
      const there = await attempt(name, as, foreign, { isRefused: true });
      const path = { organizationId: 'org_none', product: 'KRE' };
      const nowhere = await attempt(name, as, own, { path, isRefused: true });
      const paths = [there.asked, nowhere.asked];
      expect(impersonal(there, ...paths)).toEqual(impersonal(nowhere, ...paths));
      expect(JSON.stringify(there)).not.toContain(organizationId);
    }
  });
  it.each(['heartbeat', 'deactivate', 'getActivation', 'revokeApiKey'])('%s of another member', async (name) => {
    const theirs = await attempt(name, 'otherUser', own, { isRefused: true });
    const input = await inputOf(name, own, true);
    const path: Record<string, string> = name === 'revokeApiKey' ? { keyId: 'none' } : { sessionId: 'none' };
    const nowhere = await call(operationOf(name), { as: 'otherUser', ...input, path });
    const paths = [theirs.asked, path];
    expect(impersonal(theirs, ...paths)).toEqual(impersonal(nowhere, ...paths));
    expect(theirs.status).toBe(404);
  });
});
