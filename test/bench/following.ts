import { setTimeout } from 'node:timers/promises';
import type { DynamoDBRecord } from 'aws-lambda';
import { followedPartitions } from '../../shared/table/store/keys.ts';
import type { Table } from '../../shared/table/store/table.ts';
import { createPool, type Database } from './database.ts';
import { load, median } from './load.ts';
import { newSession, throughEngine } from './sessions.ts';
import { changesOf, follower } from './settle.ts';

/** Sessions that are activated and released, and the stream function, each for itself and side by side. */
export interface Following {
  sessions: number;
  /** Sessions per second without the stream function. */
  alone: number;
  /**
   * The changes of that: their number, the part that calls the function, how many of these it follows per second, and the
   * CPU time of each, ms.
   */
  behind: { changes: number; followed: number; changesPerSecond: number; sessionsPerSecond: number; cpuMs: number };
  /**
   * Side by side: sessions per second, and how long after its end the last of a session was followed, ms. At the machine's
   * limit, and at half the rate of the slower one alone.
   */
  beside: { load: 'all it can' | 'half'; sessionsPerSecond: number; lagMs: number; worstLagMs: number }[];
}

/** The function as Lambda runs it: concurrent batches of 100, with the changes of an item in one batch. */
const lanes = 4;
const batchSize = 100;

export const measureFollowing = async (database: Database, sessions: number): Promise<Following> => {
  const { table, endpoint, streamArn } = database;
  const pool = await createPool(table, 1000);
  const readChanges = await changesOf(endpoint, streamArn);
  const follow = await inLanes(table, endpoint);
  const { activate, release } = throughEngine(table, pool);
  const endedAt = new Map<string, number>();
  const life = async (sessionId: string) => {
    await activate(sessionId);
    await release(sessionId);
    endedAt.set(sessionId, performance.now());
  };
  const size = { count: sessions, concurrency: 16 };
  await load({ count: 32, concurrency: 16 }, () => life(newSession()));
  await follow(await readChanges());
  await readChanges();

  const { elapsedMs } = await load(size, () => life(newSession()));
  const alone = (sessions / elapsedMs) * 1000;
  const changes = await readChanges();
  const begin = performance.now();
  const cpu = process.cpuUsage();
  const followed = await follow(changes);
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const behind = {
    changes: changes.length,
    followed: followed.length,
    changesPerSecond: followed.length / seconds,
    sessionsPerSecond: sessions / seconds,
    cpuMs: (user + system) / 1000 / followed.length,
  };

  /** Follows changes, until the caller says that no more come and none is left. */
  const sideBySide = async (what: 'all it can' | 'half', pauseMs: number) => {
    await readChanges();
    endedAt.clear();
    const lags: number[] = [];
    let running = true;
    const following = (async () => {
      for (;;) {
        const last = !running;
        const some = await follow(await readChanges());
        for (const { dynamodb } of some) {
          const ended = dynamodb?.NewImage?.status?.S === 'ended' && dynamodb.NewImage.sessionId?.S;
          if (ended) lags.push(performance.now() - (endedAt.get(ended) ?? performance.now()));
        }
        if (last && some.length === 0) return;
      }
    })();
    const { elapsedMs } = await load(size, async () => {
      const began = performance.now();
      await life(newSession());
      await setTimeout(Math.max(0, pauseMs - (performance.now() - began)));
    });
    running = false;
    await following;
    const perSecond = (sessions / elapsedMs) * 1000;
    return { load: what, sessionsPerSecond: perSecond, lagMs: median(lags), worstLagMs: Math.max(...lags) };
  };
  const most = await sideBySide('all it can', 0);
  // Half of what both can do on one machine: the two share its cores and its database.
  const both = 1 / (1 / alone + 1 / behind.sessionsPerSecond) / 2;
  const half = await sideBySide('half', (16 / both) * 1000);
  return { sessions, alone, behind, beside: [most, half] };
};

/** Follows those of the changes for which Lambda calls the function; returns them. */
const inLanes = async (table: Table, endpoint: string) => {
  const follow = await follower(table, endpoint);
  const isFollowed = ({ eventName, dynamodb }: DynamoDBRecord) =>
    eventName !== 'REMOVE' && followedPartitions.some((prefix) => dynamodb?.Keys?.pk?.S?.startsWith(prefix));
  return async (changes: readonly DynamoDBRecord[]): Promise<DynamoDBRecord[]> => {
    const followed = changes.filter(isFollowed);
    const byLane = Map.groupBy(followed, ({ dynamodb }) => laneOf(`${dynamodb?.Keys?.pk?.S}${dynamodb?.Keys?.sk?.S}`));
    await Promise.all(byLane.values().map((lane) => follow(lane, batchSize)));
    return followed;
  };
};

const laneOf = (key: string) => [...key].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 7) % lanes;
