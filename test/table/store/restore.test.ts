import {
  ContinuousBackupsUnavailableException,
  DescribeTableCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { adoptTable } from '../../../infra/operations/adopted-table.ts';
import { carryOver, findLostChanges, type LostChange } from '../../../infra/operations/lost-changes.ts';
import { createApiKey, revokeApiKey, verifyApiKey } from '../../../shared/table/accounts/api-keys.ts';
import { readOpenInvitations, revokeInvitation } from '../../../shared/table/accounts/invitations.ts';
import { setRole } from '../../../shared/table/accounts/set-role.ts';
import { activateFloating } from '../../../shared/table/activations/activate-floating.ts';
import { addMember, listMembers, readMember } from '../../../shared/table/items/members.ts';
import {
  carryOfflineLicense,
  issueOfflineLicense,
  licenseFile,
  listOfflineLicenses,
} from '../../../shared/table/offline/offline-licenses.ts';
import { voidOfflineLicense } from '../../../shared/table/offline/void-offline.ts';
import { createWebhook, readOpenWebhooks, removeWebhook } from '../../../shared/table/outbox/webhooks.ts';
import { removeMember } from '../../../shared/table/removals/remove-member.ts';
import type { Clock } from '../../../shared/table/store/clock.ts';
import { slotsOf } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, putMany, type TestPool } from '../support/database.ts';
import { inviteOne } from '../support/invite-one.ts';
import { createLocalTable, localDynamoDb } from '../support/local-dynamodb.ts';
import { deathsOf, dying } from '../support/requests/places.ts';
import {
  activate,
  clockAt,
  fastClock,
  heartbeat,
  heldSeats,
  holders,
  release,
  seatOf,
  userId,
} from '../support/sessions.ts';

describe('a restored table', () => {
  /** DynamoDB Local knows streams and deletion protection. This answers for the rest, as DynamoDB does. */
  const withBackupsAndTags = (accessKeyId: string) => {
    const client = localDynamoDb(inject('dynamodb'), accessKeyId);
    const state = { recovery: 'DISABLED', tags: [] as unknown[], refusals: 1 };
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args: any) => {
          const answer = (output: object) => ({ response: undefined, output: { $metadata: {}, ...output } });
          switch (commandName) {
            case 'DescribeContinuousBackupsCommand':
              return answer({
                ContinuousBackupsDescription: {
                  PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: state.recovery },
                },
              });
            case 'UpdateContinuousBackupsCommand':
              if (state.refusals-- > 0) throw unavailable();
              state.recovery = 'ENABLED';
              return answer({});
            case 'ListTagsOfResourceCommand':
              return answer({ Tags: state.tags });
            case 'TagResourceCommand':
              state.tags.push(...args.input.Tags);
              return answer({});
            default:
              return next(args);
          }
        },
      { step: 'initialize' },
    );
    return { client, state };
  };
  const tags = { service: 'leasehold', stage: 'prod' };
  const unavailable = () => new ContinuousBackupsUnavailableException({ message: 'Later', $metadata: {} });

  it('gets what DynamoDB does not restore, once: stream, protection, point-in-time recovery, tags', async () => {
    const { name, credentials } = await createDatabase();
    const { client, state } = withBackupsAndTags(credentials.accessKeyId);
    const first = await adoptTable(client, name, { tags, pauseMs: 1 });
    expect(first.changed).toEqual(['stream', 'deletion protection', 'point-in-time recovery', 'tags']);
    expect(state.recovery).toBe('ENABLED');
    expect(state.tags).toEqual([
      { Key: 'service', Value: 'leasehold' },
      { Key: 'stage', Value: 'prod' },
    ]);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    expect(Table).toMatchObject({
      DeletionProtectionEnabled: true,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      LatestStreamArn: first.streamArn,
    });
    expect(await adoptTable(client, name, { tags, pauseMs: 1 })).toEqual({ streamArn: first.streamArn, changed: [] });
  });

  it('with a stream that lacks images is refused: the functions could not follow its changes', async () => {
    const { name, credentials } = await createDatabase();
    const { client } = withBackupsAndTags(credentials.accessKeyId);
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } as const;
    await client.send(new UpdateTableCommand({ TableName: name, StreamSpecification }));
    await expect(adoptTable(client, name, { tags, pauseMs: 1 })).rejects.toThrow('KEYS_ONLY');
  });
});

describe('a restore to an earlier moment', () => {
  const hour = 3_600_000;
  const minute = 60_000;
  const now = Date.now();
  /** The moment that is restored; what follows is lost. */
  const since = now - hour;
  const after = clockAt(since + 10 * minute);

  let database: Database;
  let lost: Table;
  let pool: TestPool;
  /** With one license. */
  let single: TestPool;
  let members: Record<'bob' | 'cyd', string>;
  /** The bearer tokens of API keys. */
  let tokens: Record<'stolen' | 'bobs' | 'good', string>;
  let heartbeatOf: Record<'kept' | 'begun' | 'job', { number: number; fence: number }>;
  let lostFile: string;

  /** Copies a table as it is, as DynamoDB restores one. */
  const copyOf = async (name: string, of: Table): Promise<Table> => {
    await createLocalTable(database.endpoint, name, { ...database.credentials, stream: false });
    const { Items = [] } = await of.client.send(new ScanCommand({ TableName: of.name, ConsistentRead: true }));
    const copy = { ...of, name };
    await putMany(copy, Items);
    return copy;
  };
  const issue = async (machineId: string, clock = after) => {
    const request = { machineId, usedBy: null, description: null, askedExpiry: now + 5 * hour };
    const issued = await issueOfflineLicense(lost, pool, request, { issuedBy: 'usr_owner' }, clock);
    if (issued.outcome !== 'issued') throw new Error(issued.outcome);
    return issued.license;
  };
  const newKey = async (of: string, name: string) => {
    const { organizationId } = pool;
    const request = { organizationId, userId: of, name, scope: 'activate', expiresAt: null } as const;
    const made = await createApiKey(lost, request, { createdBy: of, now: since - hour });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    return made;
  };

  /** Activates the one session of the small pool. */
  const onMachine = (table: Table, machineId: string, clock?: Clock) =>
    activateFloating(table, single, { sessionId: 'job', userId, machineId }, clock);

  let moment: Table;
  beforeAll(async () => {
    database = await createDatabase();
    lost = database.client();
    const offline = { allowed: true, maxDays: null, reserveOnline: 0 };
    pool = await createPool(lost, { quota: 10, offline });
    const { organizationId } = pool;
    const join = async (name: string, role: 'user' | 'admin') =>
      (await addMember(lost, { organizationId, email: `${name}@acme.example`, role, now: since - hour })).userId;
    members = { bob: await join('bob', 'user'), cyd: await join('cyd', 'admin') };
    const [stolen, bobs, good] = [
      await newKey(members.cyd, 'stolen'),
      await newKey(members.bob, 'of Bob'),
      await newKey(members.cyd, 'good'),
    ];
    tokens = { stolen: stolen.key, bobs: bobs.key, good: good.key };
    const target = { organizationId, url: 'https://hooks.example.com/', events: ['*'] };
    const hook = await createWebhook(lost, target, { createdBy: 'usr_owner', now: since - hour });
    const invitation = { organizationId, email: 'eve@acme.example', role: 'user', expiresAt: now + hour } as const;
    const invited = await inviteOne(lost, invitation, since - hour);
    if (!('webhook' in hook) || invited.outcome !== 'invited') throw new Error('nothing to remove');
    const before = clockAt(since - minute);
    const kept = seatOf(await activate(lost, pool, 'kept', before));
    await activate(lost, pool, 'released', before);
    const first = await issue('press-1', before);
    single = await createPool(lost, { quota: 1 });
    await onMachine(lost, 'a', before);
    await release(lost, single, 'job', before.now());

    moment = await copyOf('Moment', lost);

    const at = after.now();
    await heartbeat(lost, pool, 'kept', kept, at);
    await release(lost, pool, 'released', at);
    const begun = seatOf(await activate(lost, pool, 'begun', after));
    heartbeatOf = { kept, begun, job: seatOf(await onMachine(lost, 'a', after)) };
    const second = await issue('press-2');
    lostFile = await licenseFile(lost, pool, second, async () => 'signed once');
    await issue('press-3');
    await voidOfflineLicense(lost, pool, first.id, { reason: 'sold twice', now: at });
    await revokeApiKey(lost, organizationId, stolen.apiKey.id, { now: at });
    await removeMember(lost, { organizationId, userId: members.bob, by: 'owner', now: at });
    await setRole(lost, { organizationId, userId: members.cyd, role: 'user', by: 'owner' });
    await removeWebhook(lost, { organizationId, id: hook.webhook.id }, at);
    await revokeInvitation(lost, organizationId, invited.invitation.id, at);
    await addMember(lost, { organizationId, email: 'dora@acme.example', role: 'user', now: at });
    await pool.set({ quota: 12, offline }, lost);
  });

  const kindsOf = (changes: readonly LostChange[]) => changes.map(({ kind }) => kind);
  const everything = [
    'members removed',
    'roles taken away',
    // The key of the removed member, too.
    'API keys revoked',
    'API keys revoked',
    'invitations ended',
    'webhooks removed',
    'offline licenses voided',
    'offline licenses issued',
    'offline licenses issued',
    // By `begun`, two offline licenses, and the runner of the pool with one license.
    ...Array.from({ length: 4 }, () => 'seats claimed'),
  ];
  const reconcile = async (restored: Table) => {
    const { changes } = await findLostChanges(lost, restored, { since, now: Date.now() });
    const failed = [];
    for (const change of changes) failed.push((await carryOver(restored, change)) ?? []);
    return { carried: kindsOf(changes), failed: failed.flat() };
  };
  /** Has more runners than licenses ask for one each; returns the number of licenses in use in the world. */
  const licensesInUse = async (table: Table) => {
    const files = (await listOfflineLicenses(lost, pool, { limit: 100 })).items.filter(
      ({ voidedAt }) => voidedAt === undefined,
    );
    const runners = Array.from({ length: 12 }, (_, index) => activate(table, pool, `runner-${index}`));
    const granted = (await Promise.all(runners)).filter(({ outcome }) => outcome === 'acquired');
    return granted.length + files.length;
  };

  it('loses what is counted here, and gives licenses beyond the quota', async () => {
    const { changes, others, names, isInUse } = await findLostChanges(lost, moment, { since, now });
    expect(kindsOf(changes)).toEqual(everything);
    expect(others).toEqual({ 'members joined': 1, 'subscriptions changed': 1, 'sessions to activate anew': 2 });
    expect(names).toContain(`subscriptions changed: ORG#${pool.organizationId}|SUB#KRE`);
    expect(isInUse).toBe(false);
    const bare = await copyOf('Bare', moment);
    const { organizationId } = pool;
    expect(await verifyApiKey(bare, tokens.stolen, now)).toMatchObject({ outcome: 'good' });
    expect(await verifyApiKey(bare, tokens.bobs, now)).toMatchObject({ outcome: 'good' });
    expect(await readMember(bare, organizationId, members.bob)).toMatchObject({ role: 'user' });
    expect(await readMember(bare, organizationId, members.cyd)).toMatchObject({ role: 'admin' });
    expect(await readOpenWebhooks(bare, organizationId)).toHaveLength(1);
    expect(await readOpenInvitations(bare, organizationId, now)).toHaveLength(1);
    // Nine runners beside the voided license; two more licenses are files.
    expect(await licensesInUse(bare)).toBe(11);
    // The heartbeat of the lost runner extends the lease of the runner that came after it.
    const { number, fence } = seatOf(await onMachine(bare, 'b'));
    expect([number, fence]).toEqual([heartbeatOf.job.number, heartbeatOf.job.fence]);
    expect(await heartbeat(bare, single, 'job', heartbeatOf.job)).toMatchObject({ outcome: 'extended' });
  });

  it('keeps, once reconciled, the quota, each license file and each right that was taken away', async () => {
    const restored = await copyOf('Restored', moment);
    expect(await reconcile(restored)).toEqual({ carried: everything, failed: [] });
    const { organizationId } = pool;
    expect(await verifyApiKey(restored, tokens.stolen, now)).toMatchObject({ outcome: 'revoked' });
    expect(await verifyApiKey(restored, tokens.bobs, now)).toMatchObject({ outcome: 'revoked' });
    expect(await verifyApiKey(restored, tokens.good, now)).toMatchObject({ outcome: 'good' });
    const { items: left } = await listMembers(restored, organizationId, { limit: 10 });
    expect(left.map(({ email, role }) => [email.replace(/\d*@.*/, ''), role]).sort()).toEqual([
      ['cyd', 'user'],
      ['owner', 'owner'],
    ]);
    expect(await readOpenWebhooks(restored, organizationId)).toEqual([]);
    expect(await readOpenInvitations(restored, organizationId, now)).toEqual([]);

    const ofTable = async (table: Table) =>
      (await listOfflineLicenses(table, pool, { limit: 10 })).items.map(
        ({ number: _, fence: __, revision: ___, ...license }) => license,
      );
    expect(await ofTable(restored)).toEqual(await ofTable(lost));
    const signAgain = async () => 'signed again';
    const [second] = (await listOfflineLicenses(restored, pool, { limit: 10 })).items.filter(({ jws }) => jws);
    expect(await licenseFile(restored, pool, second!, signAgain)).toBe(lostFile);

    // Its lease ended, and nobody has its seat: the session goes on. The other one began after the moment.
    expect(await heartbeat(restored, pool, 'kept', heartbeatOf.kept)).toMatchObject({ outcome: 'extended' });
    expect(await heartbeat(restored, pool, 'begun', heartbeatOf.begun)).toEqual({ outcome: 'missing' });
    expect(await activate(restored, pool, 'begun')).toMatchObject({ outcome: 'acquired' });

    // The lost runner has a stale fence.
    expect(seatOf(await onMachine(restored, 'b')).fence).toBe(heartbeatOf.job.fence + 1);
    expect(await heartbeat(restored, single, 'job', heartbeatOf.job)).toMatchObject({ outcome: 'ended' });

    const held = await heldSeats(restored, pool);
    expect((await reconcile(restored)).carried).toEqual([]);
    expect(await heldSeats(restored, pool)).toEqual(held);
    expect((await findLostChanges(lost, restored, { since, now })).isInUse).toBe(true);
    // Beside `kept` and `begun`.
    expect(await licensesInUse(restored)).toBe(8);
    expect(await holders(restored, pool)).toHaveLength(10);
  });

  it('says which offline license finds no seat, and gives it one once there is one', async () => {
    const restored = await copyOf('Full', moment);
    await pool.set({ quota: 2 }, restored);
    await activate(restored, pool, 'runner');
    // The voided license gives its seat back: one license gets it.
    expect((await reconcile(restored)).failed).toEqual(['exhausted']);
    expect(await holders(restored, pool)).toHaveLength(2);
    await release(restored, pool, 'runner');
    expect((await reconcile(restored)).failed).toEqual([]);
    expect(await holders(restored, pool)).toHaveLength(2);
  });

  it('gives an offline license one seat and its machine a slot, also if the command dies anywhere', async () => {
    const license = { ...(await issue('press-4', clockAt(now))), number: 2 };
    const start = Date.now();
    const target = () => createPool(lost, { quota: 2, machineQuota: 1, licenseType: 'per-user' });
    const carry = (by: Table, to: TestPool) => carryOfflineLicense(by, to, license, fastClock(start));
    const deaths = await deathsOf(database, async (by) => carry(by, await target()));
    expect(deaths.length).toBeGreaterThan(3);
    for (const death of deaths) {
      const to = await target();
      await expect(carry(dying(database, death), to)).rejects.toThrow('injected');
      expect(await carry(lost, to)).toBe('issued');
      const state = async () => [await heldSeats(lost, to), await heldSeats(lost, slotsOf(to))];
      const once = await state();
      expect(once.map((held) => held.map(({ number, hold }) => [number, hold.holder]))).toEqual([
        [[2, `offline#${license.id}`]],
        [[1, 'machine#press-4']],
      ]);
      expect(await carry(lost, to)).toBe('issued');
      expect(await state()).toEqual(once);
    }
  });
});
