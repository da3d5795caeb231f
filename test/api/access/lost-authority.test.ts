import { beforeAll, describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { confirmWebhook } from '../../../shared/contracts/confirm-webhook.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import type { Operation } from '../../../shared/contracts/operation.ts';
import { operations } from '../../../shared/contracts/operations.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { removeWebhook } from '../../../shared/contracts/remove-webhook.ts';
import { revokeApiKey } from '../../../shared/contracts/revoke-api-key.ts';
import { setLimits } from '../../../shared/contracts/set-limits.ts';
import { setMember } from '../../../shared/contracts/set-member.ts';
import { startRecovery } from '../../../shared/contracts/start-recovery.ts';
import { testWebhook } from '../../../shared/contracts/test-webhook.ts';
import { readWebhook } from '../../../shared/table/outbox/webhooks.ts';
import { type Call, type Json, openWorld, stamp } from '../support/harness.ts';

const world = await openWorld();
const { got, addMember, contextOf, callWith, stored, userId } = world;
await got(200, setLimits, { as: 'vendor', body: { redeliveriesPerMinute: 100 } });
const perUser = await world.subscribe({ licenseType: 'per-user', quota: 1000 });
await world.subscribe({ quota: 1000, offline: { allowed: true, reserveOnline: 0 } });

/**
 * The gateway caches a caller for 30 seconds. These operations decide about others, or give and take rights: a caller who has
 * just lost its right could keep it by them, or leave a decision behind. Both lists are written by hand: put each new operation
 * into one.
 */
const grantPower = [
  'invite',
  'revokeInvitation',
  'setMember',
  'removeMember',
  'consentToRecovery',
  'cancelRecovery',
  'createApiKey',
  'changeApiKey',
  'revokeApiKey',
  'createWebhook',
  'confirmWebhook',
  'removeWebhook',
  'rotateWebhookSecret',
  'issueOfflineLicense',
  'grantLicense',
  'grantLicenses',
  'removeLicense',
  'transferLicense',
  'transferActivation',
  'removeMachine',
  'removeMachineLicense',
  'setAlerts',
  'testAlerts',
  'testWebhook',
  'redeliverWebhook',
];
/** Every member may use licenses. The schedule ends the uses of a caller without a right. */
const useLicenses = ['activate', 'heartbeat', 'deactivate'];

const operationOf = (name: string) => operations.find((operation) => operation.name === name) as Operation;
const someUser = async () => ({ userId: await userId({ bearer: await addMember(`${stamp()}@example.com`, 'user') }) });
const someRecovery = async (): Promise<string> =>
  (await got(201, startRecovery, { as: 'vendor', body: await someUser() })).id;
const someWebhook = async (): Promise<string> => {
  const body = { url: 'https://hooks.example.com/', events: ['*'] };
  return (await got(201, createWebhook, { as: 'owner', body })).id;
};
const unconfirmedWebhook = async () => {
  const id = await someWebhook();
  const { challenge } = (await readWebhook(world.table, { organizationId: world.organizationId, id })) ?? {};
  return { path: { webhookId: id }, body: { challenge } };
};
const sendableWebhook = async () => {
  const { path, body } = await unconfirmedWebhook();
  await got(200, confirmWebhook, { as: 'owner', path, body });
  return { path };
};
const licensedUser = async () => {
  const path = { ...perUser.path, ...(await someUser()) };
  await got(201, grantLicense, { as: 'owner', path });
  return path;
};
const someSession = async () => {
  const names = { sessionId: stamp(), machineId: stamp() };
  await got(201, activate, { as: 'owner', body: names });
  return names;
};
const machineInUse = async () => ({ path: { machineId: (await someSession()).machineId } });
/** Valid input for an owner, and its path. */
const inputs: Record<string, () => Promise<Omit<Call, 'as'>>> = {
  invite: async () => ({ body: { emails: [`${stamp()}@example.com`], role: 'admin' } }),
  revokeInvitation: async () => {
    const body = { emails: [`${stamp()}@example.com`], role: 'user' };
    return { path: { invitationId: (await got(200, invite, { as: 'owner', body })).items[0].invitation.id } };
  },
  setMember: async () => ({ path: await someUser(), body: { role: 'admin' } }),
  removeMember: async () => ({ path: await someUser() }),
  consentToRecovery: async () => ({ path: { recoveryId: await someRecovery() } }),
  cancelRecovery: async () => ({ path: { recoveryId: await someRecovery() } }),
  createApiKey: async () => ({ body: { name: 'Kept', scope: 'full' } }),
  changeApiKey: async () => ({
    path: { keyId: (await got(201, createApiKey, { as: 'user', body: { name: 'CI' } })).id },
    body: { maxSessions: 3 },
  }),
  revokeApiKey: async () => ({
    path: { keyId: (await got(201, createApiKey, { as: 'user', body: { name: 'CI' } })).id },
  }),
  createWebhook: async () => ({ body: { url: 'https://hooks.example.com/kept', events: ['*'] } }),
  confirmWebhook: unconfirmedWebhook,
  removeWebhook: async () => ({ path: { webhookId: await someWebhook() } }),
  rotateWebhookSecret: async () => ({ path: { webhookId: await someWebhook() }, body: {} }),
  issueOfflineLicense: async () => ({ body: { machineId: stamp() } }),
  grantLicense: async () => ({ path: { ...perUser.path, ...(await someUser()) } }),
  grantLicenses: async () => {
    const email = `${stamp()}@example.com`;
    await addMember(email, 'user');
    return { path: perUser.path, body: { emails: [email] } };
  },
  removeLicense: async () => ({ path: await licensedUser() }),
  transferLicense: async () => ({ path: await licensedUser(), body: { toUserId: (await someUser()).userId } }),
  transferActivation: async () => ({
    path: { sessionId: (await someSession()).sessionId },
    body: { machineId: stamp() },
  }),
  removeMachine: async () => ({ ...(await machineInUse()), query: { blockMinutes: '10080' } }),
  removeMachineLicense: machineInUse,
  setAlerts: async () => ({ body: { usePercent: 90, useMinutes: 5, waitMinutes: null } }),
  testAlerts: async () => ({}),
  testWebhook: sendableWebhook,
  redeliverWebhook: async () => {
    const { path } = await sendableWebhook();
    const { id } = await got(202, testWebhook, { as: 'owner', path });
    return { path: { ...path, deliveryId: id } };
  },
};
/** An organization may have a bounded number of webhooks. */
const tidy = async (name: string, { body }: { body: Json }, { path }: Omit<Call, 'as'>) => {
  const webhookId = path?.webhookId ?? (name === 'createWebhook' ? body.id : undefined);
  if (webhookId) await got(204, removeWebhook, { as: 'owner', path: { webhookId } });
};

/** A second owner, signed in. */
const newOwner = async () => {
  const bearer = await addMember(`${stamp()}@example.com`, 'owner');
  return { bearer, id: await userId({ bearer }) };
};
/** Returns the cached answers for an owner, and for a full key of an owner that another member made. */
const remembered = async () => {
  const [maker, owner] = [await newOwner(), await newOwner()];
  const body = { name: 'Script', scope: 'full', userId: owner.id };
  const key = await got(201, createApiKey, { as: { bearer: maker.bearer }, body });
  return {
    maker,
    owner,
    keyId: key.id as string,
    signedIn: await contextOf({ bearer: owner.bearer }),
    byKey: await contextOf({ bearer: key.key }),
  };
};
/** All stored items but the audit trail's counts of refusals, and the service's secrets. */
const kept = async () => (await stored()).filter((item) => !/"sk":"TALLY#|"pk":"SECRET#/.test(item));
const remove = ({ id }: { id: string }) => got(204, removeMember, { as: 'owner', path: { userId: id } });
const demote = ({ id }: { id: string }, role = 'user') =>
  got(200, setMember, { as: 'owner', path: { userId: id }, body: { role } });

type Remembered = Awaited<ReturnType<typeof remembered>>;
/** Makes a caller, who then loses a right, for all operations together. */
const after = (lose: (made: Remembered) => Promise<unknown>) => {
  let made: Promise<Remembered> | undefined;
  return () => {
    made ??= remembered().then(async (caller) => {
      await lose(caller);
      return caller;
    });
    return made;
  };
};
const callers = {
  standing: after(async () => {}),
  removed: after(({ owner }) => remove(owner)),
  demoted: after(({ owner }) => demote(owner)),
  revoked: after(({ keyId }) => got(204, revokeApiKey, { as: 'owner', path: { keyId } })),
  makerRemoved: after(({ maker }) => remove(maker)),
  makerDemoted: after(({ maker }) => demote(maker, 'admin')),
};

it('every operation that changes an organization either grants power or uses licenses', () => {
  const changing = operations.filter(({ access, method }) => access.to === 'organization' && method !== 'GET');
  const ofVendors = changing.filter(({ access }) => access.to === 'organization' && access.roles.length === 0);
  const names = changing.filter((operation) => !ofVendors.includes(operation)).map(({ name }) => name);
  expect([...grantPower, ...useLicenses].sort()).toEqual(names.sort());
  const declared = operations.filter(({ access }) => access.to === 'organization' && access.grantsPower);
  expect(declared.map(({ name }) => name).sort()).toEqual([...grantPower].sort());
});

beforeAll(async () => {
  for (const made of Object.values(callers)) await made();
});

describe.each(grantPower)('%s, while the gateway still remembers the caller', (name) => {
  const operation = operationOf(name);
  const newInput = async () => (await inputs[name]?.()) ?? {};
  // The same input for all callers: a refused request changes nothing.
  let input: Omit<Call, 'as'>;
  let before: string[];
  beforeAll(async () => {
    input = await newInput();
    before = await kept();
  });
  const attempt = async (context: Remembered['signedIn']): Promise<number> =>
    (await callWith(context, operation, input)).status;
  const keysMay = !['createApiKey', 'changeApiKey', 'consentToRecovery', 'cancelRecovery'].includes(name);

  it('is refused to a removed owner, and to its keys', async () => {
    const { signedIn, byKey } = await callers.removed();
    expect(await attempt(signedIn)).toBe(404);
    expect(await attempt(byKey)).toBe(keysMay ? 404 : 403);
  });
  it('is refused to a demoted owner, and to its keys', async () => {
    const { signedIn, byKey } = await callers.demoted();
    expect(await attempt(signedIn)).toBe(403);
    expect(await attempt(byKey)).toBe(403);
  });
  it('is refused to a revoked key', async () => {
    const { byKey } = await callers.revoked();
    expect(await attempt(byKey)).toBe(keysMay ? 401 : 403);
  });
  it('is refused to a key whose maker was removed, or demoted', async () => {
    const [one, two] = [await callers.makerRemoved(), await callers.makerDemoted()];
    expect(await attempt(one.byKey)).toBe(keysMay ? 401 : 403);
    expect(await attempt(two.byKey)).toBe(keysMay ? 401 : 403);
  });
  it('has changed nothing by then, and is done for an owner, and for an owner’s key', async () => {
    expect(await kept()).toEqual(before);
    const { signedIn, byKey } = await callers.standing();
    const done = await callWith(signedIn, operation, input);
    expect(done.status).toBeLessThan(300);
    await tidy(name, done, input);
    const again = await newInput();
    const byTheKey = await callWith(byKey, operation, again);
    if (keysMay) expect(byTheKey.status).toBeLessThan(300);
    else expect(byTheKey.status).toBe(403);
    await tidy(name, byTheKey, again);
  });
});

it('a caller with a higher role since then is not refused', async () => {
  const bearer = await addMember(`${stamp()}@example.com`, 'admin');
  const context = await contextOf({ bearer });
  await got(200, setMember, { as: 'owner', path: { userId: await userId({ bearer }) }, body: { role: 'owner' } });
  const body = { emails: [`${stamp()}@example.com`], role: 'user' };
  expect((await callWith(context, invite, { body })).status).toBe(200);
});

describe('a change of the caller’s own role, while the gateway remembers the old one', () => {
  it('a demoted owner makes itself no owner again', async () => {
    const owner = await newOwner();
    const context = await contextOf(owner);
    await demote(owner, 'admin');
    const { status } = await callWith(context, setMember, { path: { userId: owner.id }, body: { role: 'owner' } });
    expect(status).toBe(403);
  });
  it('an owner demotes and removes itself', async () => {
    const [one, two] = [await newOwner(), await newOwner()];
    expect(
      (await callWith(await contextOf(one), setMember, { path: { userId: one.id }, body: { role: 'user' } })).status,
    ).toBe(200);
    expect((await callWith(await contextOf(two), removeMember, { path: { userId: two.id } })).status).toBe(204);
  });
});
