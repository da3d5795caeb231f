import { execFile } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { retireVersion, rotatePurpose } from '../../../infra/operations/service-secrets.ts';
import type { Invitation } from '../../../shared/domain/accounts/invitation.ts';
import type { Webhook } from '../../../shared/domain/outbox/webhook.ts';
import { createApiKey } from '../../../shared/table/accounts/api-keys.ts';
import { invitationToken, invite } from '../../../shared/table/accounts/invitations.ts';
import { addMember } from '../../../shared/table/items/members.ts';
import { issueOfflineLicense } from '../../../shared/table/offline/offline-licenses.ts';
import { newestSecret, rotateSecret, signingSecrets } from '../../../shared/table/outbox/webhook-secrets.ts';
import { createWebhook, readWebhook, removeWebhook } from '../../../shared/table/outbox/webhooks.ts';
import { issueCursor, readCursor } from '../../../shared/table/store/cursors.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { currentSecret, readVersions, secretOfVersion } from '../../../shared/table/store/purpose-secrets.ts';
import { base36, hashOf, secretText } from '../../../shared/table/store/secrets.ts';
import { createDatabase, createPool } from '../support/database.ts';

const minute = 60_000;
const realNow = Date.now;
/** Moves the clock of this process on. */
const pass = (ms: number) => {
  const ahead = Date.now() - realNow() + ms;
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + ahead);
};
afterEach(() => vi.restoreAllMocks());

const open = async () => {
  const database = await createDatabase();
  return { database, table: database.client(), other: database.client() };
};
const position = { pk: 'ORG#org_1', sk: 'MEMBER#usr_1' };
const webhookOf = async (table: Awaited<ReturnType<typeof open>>['table'], idempotencyKey?: string) => {
  const request = { organizationId: 'org_1', url: 'https://hooks.example.com/', events: ['*'] };
  const created = await createWebhook(table, request, { idempotencyKey, createdBy: 'usr_1', now: Date.now() });
  if (created.outcome !== 'created') throw new Error(created.outcome);
  return created.webhook;
};

describe('a purpose’s secret', () => {
  it('is one for all, also if many instances need the first version at once', async () => {
    const { database, table } = await open();
    const instances = Array.from({ length: 10 }, () => database.client());
    const made = await Promise.all(instances.map((instance) => currentSecret(instance, 'cursors')));
    expect(new Set(made.map(({ bytes }) => bytes.toString('hex'))).size).toBe(1);
    expect(await readVersions(table, 'cursors')).toHaveLength(1);
  });

  it('is another one than that of any other purpose', async () => {
    const { table } = await open();
    const purposes = ['cursors', 'names', 'api-keys', 'invitations', 'webhooks'] as const;
    const made = await Promise.all(purposes.map((purpose) => currentSecret(table, purpose)));
    expect(new Set(made.map(({ bytes }) => bytes.toString('hex'))).size).toBe(purposes.length);
  });

  it('is made although a forged cursor was looked at before', async () => {
    const { table } = await open();
    expect(await readCursor(table, 'list', '1.YQ.YQ')).toBeUndefined();
    const cursor = await issueCursor(table, 'list', position);
    expect(await readCursor(table, 'list', cursor)).toEqual(position);
  });
});

describe('a rotation', () => {
  it('reaches an instance within a minute, and at once if it meets something of the new version', async () => {
    const { table, other } = await open();
    expect(await currentSecret(other, 'cursors')).toMatchObject({ version: 1 });
    expect(await rotatePurpose(table, 'cursors', { to: 2, now: Date.now() })).toEqual({ version: 2, made: true });
    expect(await currentSecret(other, 'cursors')).toMatchObject({ version: 1 });
    pass(minute);
    expect(await currentSecret(other, 'cursors')).toMatchObject({ version: 2 });
    await rotatePurpose(table, 'cursors', { to: 3, now: Date.now() });
    expect(await secretOfVersion(other, 'cursors', 3)).toMatchObject({ version: 3 });
  });

  it('is made once, however often and by however many it is asked for', async () => {
    const { database, table } = await open();
    await currentSecret(table, 'webhooks');
    pass(11 * minute);
    const now = Date.now();
    const operators = Array.from({ length: 5 }, () => rotatePurpose(database.client(), 'webhooks', { now }));
    const made = await Promise.all(operators);
    expect(made.map(({ version }) => version)).toEqual([2, 2, 2, 2, 2]);
    expect(made.filter((one) => one.made)).toHaveLength(1);
    expect(await rotatePurpose(table, 'webhooks', { now: Date.now() })).toEqual({ version: 2, made: false });
    expect(await rotatePurpose(table, 'webhooks', { to: 2, now })).toEqual({ version: 2, made: false });
    await expect(rotatePurpose(table, 'webhooks', { to: 4, now })).rejects.toThrow('the next one is 3');
  });

  it('leaves cursors good until their version is retired', async () => {
    const { table, other } = await open();
    const cursor = await issueCursor(table, 'list', position);
    await rotatePurpose(table, 'cursors', { to: 2, now: Date.now() });
    expect(await readCursor(other, 'list', cursor)).toEqual(position);
    await expect(retireVersion(table, 'cursors', 1, Date.now())).rejects.toThrow('may still derive');
    await expect(retireVersion(table, 'cursors', 2, Date.now())).rejects.toThrow('newest');
    pass(6 * minute);
    expect(await retireVersion(table, 'cursors', 1, Date.now())).toBe('retired');
    expect(await retireVersion(table, 'cursors', 1, Date.now())).toBe('gone');
    expect(await readCursor(other, 'list', cursor)).toBeUndefined();
    expect(await readCursor(other, 'list', await issueCursor(other, 'list', position))).toEqual(position);
  });

  it('changes no webhook’s secret; only the webhook’s own rotation does, and both sign for its overlap', async () => {
    const { table } = await open();
    const webhook = await webhookOf(table);
    const before = await newestSecret(table, webhook);
    await rotatePurpose(table, 'webhooks', { to: 2, now: Date.now() });
    pass(minute);
    expect(await newestSecret(table, (await readWebhook(table, webhook))!)).toBe(before);
    const now = Date.now();
    await rotateSecret(table, webhook, { formerSecretUntil: now + 60 * minute });
    const rotated = (await readWebhook(table, webhook))!;
    expect(rotated).toMatchObject({ derivedFrom: 2, formerDerivedFrom: 1 });
    const [newest, former, ...more] = await signingSecrets(table, rotated, now);
    expect([former, ...more]).toEqual([before]);
    expect(newest).not.toBe(before);

    pass(6 * minute);
    await expect(retireVersion(table, 'webhooks', 1, Date.now())).rejects.toThrow(`webhook ${webhook.id} of org_1`);
    pass(60 * minute);
    expect(await retireVersion(table, 'webhooks', 1, Date.now())).toBe('retired');
    expect(await signingSecrets(table, rotated, Date.now())).toEqual([newest]);
  });

  it('is not in the way of a request that is repeated: it gets the same key, license and webhook', async () => {
    const { table } = await open();
    const { organizationId } = await createPool(table);
    const { userId } = await addMember(table, {
      organizationId,
      email: 'ada@acme.example',
      role: 'user',
      now: Date.now(),
    });
    const request = { organizationId, userId, name: 'CI', scope: 'activate', expiresAt: null } as const;
    const create = () => createApiKey(table, request, { idempotencyKey: 'once', createdBy: userId, now: Date.now() });
    const first = await create();
    const webhook = await webhookOf(table, 'once');
    for (const purpose of ['api-keys', 'webhooks'] as const)
      await rotatePurpose(table, purpose, { to: 2, now: Date.now() });
    await expect(rotatePurpose(table, 'names', { now: Date.now() })).rejects.toThrow('not rotated');
    pass(6 * minute);
    expect(await create()).toMatchObject(first);
    expect(await webhookOf(table, 'once')).toMatchObject(webhook);

    await retireVersion(table, 'api-keys', 1, Date.now());
    pass(minute);
    expect(await create()).toEqual({ outcome: 'forgotten' });
  });

  it('keeps the secret of an open invitation', async () => {
    const { table } = await open();
    const now = Date.now();
    const asked = { organizationId: 'org_1', role: 'user', invitedBy: 'usr_1' } as const;
    const [invited] = await invite(
      table,
      { ...asked, emails: ['ada@acme.example'], expiresAt: now + 60 * minute },
      now,
    );
    if (invited?.outcome !== 'invited') throw new Error(JSON.stringify(invited));
    await rotatePurpose(table, 'invitations', { to: 2, now });
    pass(6 * minute);
    expect(await invitationToken(table, invited.invitation)).toBe(invited.token);
    await expect(retireVersion(table, 'invitations', 1, Date.now())).rejects.toThrow(
      `invitation ${invited.invitation.id} of org_1`,
    );
    pass(60 * minute);
    expect(await retireVersion(table, 'invitations', 1, Date.now())).toBe('retired');
  });
});

describe('what an earlier release stored', () => {
  /** Opens a table of an earlier release, which derived everything with one secret. */
  const openFormer = async () => {
    const { table } = await open();
    const secret = randomBytes(32);
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { pk: 'SERVICE', sk: 'SECRET', secret: secret.toString('base64') },
      }),
    );
    const derived = (algorithm: string, ...parts: (string | number)[]) =>
      createHmac(algorithm, secret).update(parts.join('\n')).digest();
    return { table, derived };
  };

  it('signs the deliveries of its webhooks as before, until each webhook is rotated', async () => {
    const { table, derived } = await openFormer();
    const webhook: Webhook = {
      ...{ organizationId: 'org_1', id: 'whk_1', url: 'https://hooks.example.com/', events: ['*'] },
      ...{ createdAt: 1, secretVersion: 3, formerSecretUntil: Date.now() + 60 * minute },
    };
    await table.client.send(new PutCommand({ TableName: table.name, Item: { ...keys.webhook(webhook), ...webhook } }));
    const secretOf = (version: number) =>
      `whsec_${derived('sha256', 'webhook', 'org_1', 'whk_1', version).toString('base64')}`;
    expect(await signingSecrets(table, webhook, Date.now())).toEqual([secretOf(3), secretOf(2)]);
    await expect(retireVersion(table, 'webhooks', 0, Date.now())).rejects.toThrow('webhook whk_1 of org_1');
    await rotateSecret(table, webhook, { formerSecretUntil: Date.now() + minute });
    const rotated = (await readWebhook(table, webhook))!;
    expect((await signingSecrets(table, rotated, Date.now()))[1]).toBe(secretOf(3));
    await removeWebhook(table, webhook, Date.now());
    expect(await retireVersion(table, 'webhooks', 0, Date.now())).toBe('retired');
  });

  it('mails the tokens of its invitations', async () => {
    const { table, derived } = await openFormer();
    const organizationId = `org_${'1'.repeat(26)}`;
    const id = `inv_${'2'.repeat(26)}`;
    const secret = secretText(derived('sha256', 'invitation', organizationId, id, 'nonce'));
    const invitation = { organizationId, id, nonce: 'nonce', secretHash: hashOf(secret) } as Invitation;
    expect(await invitationToken(table, invitation)).toBe(`lhi_${'1'.repeat(26)}${'2'.repeat(26)}_${secret}`);
  });

  it('answers its requests for keys and offline licenses the same again, also once its secret is retired', async () => {
    const { table, derived } = await openFormer();
    const pool = await createPool(table, { offline: { allowed: true, maxDays: null, reserveOnline: 0 } });
    const { organizationId } = pool;
    const own = base36(derived('sha512', 'api-key', organizationId, 'usr_1', 'once').subarray(32));
    const seed = derived('sha512', 'api-key', organizationId, 'usr_1', 'once').subarray(0, 32);
    const id = organizationId.slice('org_'.length) + own;
    const secret = secretText(createHmac('sha256', seed).update('1000').digest());
    const request = { organizationId, userId: 'usr_1', name: 'CI', scope: 'activate', expiresAt: null } as const;
    const Item = { ...keys.apiKey(organizationId, id), ...request, id, createdAt: 1000, secretHash: hashOf(secret) };
    await table.client.send(new PutCommand({ TableName: table.name, Item }));
    const create = () => createApiKey(table, request, { idempotencyKey: 'once', createdBy: 'usr_1', now: Date.now() });
    expect(await create()).toMatchObject({ outcome: 'created', key: `lh_${id}_${secret}` });

    const offline = `off_${derived('sha256', 'offline-license', organizationId, 'KRE', 'usr_1', 'once').toString('hex').slice(0, 26)}`;
    const issue = () =>
      issueOfflineLicense(table, pool, { machineId: 'm' } as never, { issuedBy: 'usr_1', idempotencyKey: 'once' });
    expect(await issue()).toMatchObject({ outcome: 'issued', license: { id: offline } });
    expect(await retireVersion(table, 'names', 0, Date.now())).toBe('retired');
    pass(2 * minute);
    expect(await issue()).toMatchObject({ outcome: 'issued', license: { id: offline } });
    expect(await create()).toEqual({ outcome: 'forgotten' });
  });
});

it('an operator’s command rotates and retires, says what it did, and shows no secret', async () => {
  const { database, table } = await open();
  const first = await currentSecret(table, 'cursors');
  const run = (...options: string[]) =>
    promisify(execFile)(process.execPath, ['infra/operations/rotate-secret.ts', ...options], {
      env: {
        ...{ TABLE_NAME: database.name, DYNAMODB_ENDPOINT: database.endpoint, AWS_REGION: 'eu-central-1' },
        ...{ AWS_ACCESS_KEY_ID: database.credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: 'secret' },
      },
    }).catch((error) => error as { stdout: string; stderr: string; code: number });
  expect(await run('--purpose', 'cursors', '--to', '2')).toMatchObject({
    stdout: 'Version 2 for cursors is made. Every instance uses it within a minute.\nVersions now: 1, 2\n',
  });
  const repeated = await run('--purpose', 'cursors');
  expect(repeated.stdout).toBe('Version 2 for cursors is there: nothing was done.\nVersions now: 1, 2\n');
  expect(await run('--purpose', 'cursors', '--retire', '1')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('retire it after 20'),
  });
  expect(await run('--purpose', 'nothing')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--purpose is one of'),
  });
  expect(JSON.stringify(repeated)).not.toContain(first.bytes.toString('base64'));
});
