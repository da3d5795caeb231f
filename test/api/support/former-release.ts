import { readFileSync, writeFileSync } from 'node:fs';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { acceptInvitation } from '../../../shared/contracts/accept-invitation.ts';
import { activate } from '../../../shared/contracts/activate.ts';
import { changeApiKey } from '../../../shared/contracts/change-api-key.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { createOrganization } from '../../../shared/contracts/create-organization.ts';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getOfflineLicenseFile } from '../../../shared/contracts/get-offline-license-file.ts';
import { grantLicenses } from '../../../shared/contracts/grant-licenses.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import type { Operation } from '../../../shared/contracts/operation.ts';
import { setAlerts } from '../../../shared/contracts/set-alerts.ts';
import { setLimits } from '../../../shared/contracts/set-limits.ts';
import { setProduct } from '../../../shared/contracts/set-product.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { startRecovery } from '../../../shared/contracts/start-recovery.ts';
import { voidOfflineLicense } from '../../../shared/contracts/void-offline-license.ts';
import type { Item } from '../../../shared/table/store/table.ts';
import { type As, type Call, type Json, mint, type openWorld, utcIn } from './harness.ts';
import { confirmed } from './webhooks.ts';

/** The table that a release left: its items without the secrets, and the names of things in it. */
export interface Left {
  /** When it was left, epoch ms. */
  readonly at: number;
  readonly names: Record<string, any>;
  readonly items: readonly Item[];
}

/** The table that release 0.1 left. Written once, by the code of that release: a new release adds a file. */
const file = 'test/api/fixtures/release-0.1.jsonl';

/** Reads it: the first line has the time and the names, each further line an item, as DynamoDB's JSON. */
export const readLeft = (): Left => {
  const [head, ...items] = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { ...head, items: items.map((item) => unmarshall(item)) };
};

export const writeLeft = ({ items, ...head }: Left): void =>
  writeFileSync(
    file,
    [head, ...items.map((item) => marshall(item))].map((line) => `${JSON.stringify(line)}\n`).join(''),
  );

/** The people of the organization. Their tokens last for a year of the service's clock. */
export const signIns = async () => {
  const of = async (name: string, claims: object = {}) => {
    const email = `${name}@former.example`;
    return { bearer: await mint({ sub: `former-${name}`, email, email_verified: true, ...claims }) };
  };
  return {
    vendor: await of('vendor', { 'cognito:groups': ['vendor'] }),
    owner: await of('owner'),
    user: await of('user'),
    other: await of('other'),
    third: await of('third'),
    guest: await of('guest'),
  };
};

/** Makes things of each kind, in each state in which they wait for something. Returns the names that a reader needs. */
export const useEverything = async ({
  call,
  got,
  table,
}: Pick<Awaited<ReturnType<typeof openWorld>>, 'call' | 'got' | 'table'>): Promise<Left['names']> => {
  const people = await signIns();
  const { vendor, owner, user, other } = people;
  const { id: organizationId } = await got(201, createOrganization, {
    as: vendor,
    body: { name: 'Former', ownerEmail: 'owner@former.example' },
  });
  const make = (status: number, operation: Operation, as: As, path: object = {}, body?: unknown): Promise<Json> => {
    const named = Object.entries({ organizationId, ...path }).filter(([name]) => operation.path.includes(`{${name}}`));
    const input: Call = { as, path: Object.fromEntries(named) };
    return got(status, operation, body === undefined ? input : { ...input, body });
  };
  for (const [product, licenseType] of [
    ['FLOATING', 'floating'],
    ['USERS', 'per-user'],
  ]) {
    await make(200, setProduct, vendor, { product }, { name: product, licenseType });
    const offline = { allowed: true, reserveOnline: 0 };
    const terms = { licenseType, quota: 5, machineQuota: 4, expiresAt: utcIn(300 * 86_400_000), leaseSeconds: 3600 };
    await make(201, setSubscription, vendor, { product }, { ...terms, offline, note: 'Former' });
  }
  const floating = { product: 'FLOATING' };
  const users = { product: 'USERS' };
  await make(200, setLimits, vendor, {}, { webhooks: 5 });
  await make(200, setAlerts, owner, floating, { usePercent: 80, useMinutes: 1, waitMinutes: 1 });
  const invited: Record<string, Json> = {};
  for (const name of ['user', 'other', 'third', 'guest']) {
    const body = { emails: [`${name}@former.example`], role: 'user' };
    const { items } = await make(200, invite, owner, {}, body);
    invited[name] = items[0].invitation;
  }
  const members: Record<string, string> = {};
  for (const name of ['user', 'other', 'third'] as const)
    members[name] = (await make(200, acceptInvitation, people[name], { token: invited[name].token })).userId;

  const { id: keyId, key } = await make(201, createApiKey, user, {}, { name: 'CI', scope: 'activate' });
  await make(200, changeApiKey, owner, { keyId }, { maxSessions: 4 });
  const { id: webhookId, secret } = await make(
    201,
    createWebhook,
    owner,
    {},
    {
      url: 'https://hooks.former.example/',
      events: ['*'],
    },
  );
  await confirmed(table, organizationId, { id: webhookId });
  const { id: unconfirmedId } = await make(
    201,
    createWebhook,
    owner,
    {},
    {
      url: 'https://other.former.example/',
      events: ['license.refused'],
    },
  );

  const session = async (status: number, as: As, sessionId: string, machineId: string, of = floating, more = {}) =>
    make(status, activate, as, of, { sessionId, machineId, ...more });
  const first = await session(201, user, 'first', 'm1');
  const { seat, fence } = first;
  await make(200, heartbeat, user, { ...floating, sessionId: 'first' }, { seat, fence });
  const second = await session(201, { bearer: key }, 'second', 'm2');
  await session(201, user, 'ended', 'm3');
  await make(204, deactivate, user, { ...floating, sessionId: 'ended' });
  await session(201, user, 'removed', 'm3');
  await make(204, deactivate, owner, { ...floating, sessionId: 'removed' });
  const offline = async (machineId: string) => make(201, issueOfflineLicense, owner, floating, { machineId });
  const { id: licenseId } = await offline('m4');
  await make(200, getOfflineLicenseFile, owner, { ...floating, licenseId });
  const { id: voidedId } = await offline('m4');
  await make(200, voidOfflineLicense, vendor, { ...floating, licenseId: voidedId }, { reason: 'Former' });
  for (const name of ['third', 'fourth']) await session(201, other, name, 'm1');
  // Refused by the quota, and waiting for it.
  await session(409, other, 'refused', 'm1');
  await session(202, user, 'waiting', 'm2', floating, { waitSeconds: 86_400 });

  const emails = ['user@former.example', 'other@former.example', 'later@former.example'];
  await make(200, grantLicenses, owner, users, { emails });
  const personal = await session(201, user, 'personal', 'm1', users);
  const { id: recoveryId } = await make(201, startRecovery, vendor, {}, { userId: members.third });
  // A refusal of another kind, which the trail counts.
  await call(setAlerts, {
    as: user,
    path: { organizationId, ...floating },
    body: { usePercent: null, waitMinutes: 1 },
  });
  const claim = (held: Json) => ({ seat: held.seat as number, fence: held.fence as number });
  return {
    organizationId,
    members,
    invitationId: invited.guest.id,
    key,
    keyId,
    webhookId,
    secret,
    unconfirmedId,
    licenseId,
    recoveryId,
    first: claim(first),
    second: claim(second),
    personal: claim(personal),
  };
};
