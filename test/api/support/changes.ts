import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { followChanges as followChangesSpec } from '../../../infra/functions.ts';
import { createTable } from '../../../infra/local/database/create-table.ts';
import { followStream } from '../../../infra/local/fakes/stream-poller.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { put, type Table } from '../../../shared/table/store/table.ts';
import type { StreamRecord } from '../../../shared/table/stream/change.ts';
import { eventually } from '../../eventually.ts';
import { coldStart } from '../../table/support/cold-start.ts';
import { openChanges } from '../../table/support/stream/changes.ts';
import { followRecord } from '../../table/support/stream/follow.ts';
import { withGrant } from './grants.ts';
import type { openWorld } from './harness.ts';

/** Feeds the world's real stream to the real stream function, for as long as the test file runs. */
export const followChanges = async ({ table }: Pick<Awaited<ReturnType<typeof openWorld>>, 'table'>) => {
  const endpoint = process.env.DYNAMODB_ENDPOINT as string;
  const { handler } = await coldStart('follow-changes');
  const { streamArn } = await createTable(endpoint, table.name);
  /** The partition of every item whose change was followed. */
  const followed: (string | undefined)[] = [];
  const stream = followStream({
    endpoint,
    streamArn,
    progressFile: join(await mkdtemp(join(tmpdir(), 'leasehold-')), 'stream.json'),
    deliver: async (event) => {
      const answer = await withGrant(followChangesSpec, () => handler(event));
      // They come again from the first failed one on.
      const [failure] = answer.batchItemFailures;
      const failed = event.Records.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failure?.itemIdentifier);
      const done = failed < 0 ? event.Records : event.Records.slice(0, failed);
      followed.push(...done.map(({ dynamodb }) => dynamodb?.Keys?.pk?.S));
      return answer;
    },
  });
  afterAll(() => stream.stop());
  let markers = 0;
  return {
    /** Waits until everything that was written before is followed. */
    caughtUp: async (): Promise<void> => {
      const marker = keys.organization(`org_marker${++markers}`);
      await put(table, { Item: { ...marker, name: 'Marker', createdAt: 0 } });
      await eventually(() => expect(followed).toContain(marker.pk));
    },
  };
};

/**
 * Returns a function that follows all changes of a world's table so far, in their order or another; its `skip` leaves them out.
 */
export const openFollower = async (table: Table) => {
  const { DYNAMODB_ENDPOINT: endpoint = '', AWS_ACCESS_KEY_ID: accessKeyId = '' } = process.env;
  const credentials = { accessKeyId, secretAccessKey: 'secret' };
  const changes = await openChanges({ endpoint, name: table.name, credentials });
  const follow = async (inOrder = (made: StreamRecord[]) => made): Promise<void> => {
    for (const change of inOrder(await changes.next()))
      await withGrant(followChangesSpec, () => followRecord(table, change));
  };
  return Object.assign(follow, {
    skip: async (): Promise<void> => {
      await changes.next();
    },
  });
};
