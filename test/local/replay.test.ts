import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { marshall } from '@aws-sdk/util-dynamodb';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../shared/domain/history/audit.ts';
import { listEvents } from '../../shared/table/reports/list-events.ts';
import { keys } from '../../shared/table/store/keys.ts';
import type { Item, Table } from '../../shared/table/store/table.ts';
import { createDatabase, type Database } from '../table/support/database.ts';

const at = Date.parse('2026-03-10T12:00:00.000Z');
let database: Database;
let table: Table;
let directory: string;
let organizationId: string;
let organizations = 0;

beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leasehold-replay-'));
  organizationId = `org_${++organizations}`;
  return () => rmSync(directory, { recursive: true });
});

/** The change of a new member, as the stream delivers it. */
const joined = (userId: string) => {
  const item: Item = {
    ...keys.member(organizationId, userId),
    userId,
    email: `${userId}@acme.example`,
    name: userId,
    role: 'user',
    joinedAt: at,
    actor: 'user#usr_owner',
  };
  return {
    eventID: `change-of-${organizationId}-${userId}`,
    eventName: 'INSERT',
    eventSource: 'aws:dynamodb',
    dynamodb: {
      ApproximateCreationDateTime: at / 1000,
      Keys: marshall({ pk: item.pk, sk: item.sk }),
      NewImage: marshall(item),
      SequenceNumber: `${organizations}00${userId.length}${userId.charCodeAt(userId.length - 1)}`,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
};

/** A file as Lambda writes it to S3 for a batch that failed for good. */
const setAside = (records: object[], name = 'batch.json'): string => {
  const file = join(directory, name);
  const invocation = {
    requestContext: {
      requestId: '316aa6d0-8154-4c7e-9af7-85d5f4a6bc81',
      functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:follow-changes',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 11,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: null },
    version: '1.0',
    timestamp: '2026-03-10T12:10:00.000Z',
    DDBStreamBatchInfo: { shardId: 'shardId-1', batchSize: records.length, streamArn: 'arn:aws:dynamodb:…' },
    payload: JSON.stringify({ Records: records }),
  };
  writeFileSync(file, JSON.stringify(invocation));
  return file;
};

/** Runs the command as an operator does. */
const replay = async (args: string[], environment: object = { TABLE_NAME: database.name }) => {
  const { accessKeyId, secretAccessKey } = database.credentials;
  const env = {
    PATH: process.env.PATH,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    DYNAMODB_ENDPOINT: database.endpoint,
    ...environment,
  };
  const run = promisify(execFile)(process.execPath, ['infra/operations/replay.ts', ...args], { env });
  return run.then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
};

const events = async (): Promise<AuditEvent[]> =>
  (await listEvents(table, organizationId, { from: at, to: at + 1, filter: {}, limit: 100 })).items;
const members = async () => (await events()).map(({ target }) => target.id).sort();

describe('changes that were set aside', () => {
  it('are followed: each makes the event that the stream would have made', async () => {
    const file = setAside([joined('a'), joined('b')]);
    expect(await replay([file])).toMatchObject({ code: 0, stdout: `${file}: 2 of 2 changes followed\n` });
    expect(await members()).toEqual(['a', 'b']);
    expect((await events()).find(({ target }) => target.id === 'a')).toMatchObject({
      id: `change-of-${organizationId}-a`,
      action: 'member.added',
      actor: 'user#usr_owner',
      at,
    });
  });
  it('are followed once, also by repeated and concurrent runs, and after a half-done batch', async () => {
    await replay([setAside([joined('a')], 'half.json')]);
    const file = setAside([joined('a'), joined('b')]);
    await Promise.all([replay([file]), replay([file])]);
    await replay([file, file]);
    expect(await members()).toEqual(['a', 'b']);
  });
  it('a change that fails again holds up no other, is reported, and ends the command with 1', async () => {
    const broken = joined('broken');
    // Without a valid time the member's event can't be written.
    broken.dynamodb.NewImage = { ...broken.dynamodb.NewImage, joinedAt: { S: 'never' } };
    const file = setAside([joined('a'), broken, joined('c')]);
    const { code, stdout } = await replay([file]);
    expect(code).toBe(1);
    expect(stdout).toContain(`${file}: 2 of 3 changes followed`);
    expect(await members()).toEqual(['a', 'c']);
  });
});

describe('a wrong argument gives one sentence and exit code 1', () => {
  it('no file is named', async () => {
    expect(await replay([])).toMatchObject({ code: 1, stderr: expect.stringContaining('npm run replay -- <file') });
  });
  it('there is no such file', async () => {
    expect(await replay([join(directory, 'none')])).toMatchObject({ code: 1, stderr: expect.stringContaining('none') });
  });
  it.each([{}, { payload: 'text' }, { payload: '{}' }, { payload: { Records: [] } }])('%j', async (content) => {
    const file = join(directory, 'other.json');
    writeFileSync(file, JSON.stringify(content));
    const { code, stderr } = await replay([file]);
    expect(code).toBe(1);
    expect(stderr).toContain('no batch that Lambda set aside');
    expect(stderr).toContain('payload');
  });
  it('no table is configured', async () => {
    const { code, stderr } = await replay([setAside([joined('a')])], {});
    expect(code).toBe(1);
    expect(stderr).toContain('TABLE_NAME');
  });
});
