import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Pool } from '../../shared/table/store/keys.ts';
import type { Table } from '../../shared/table/store/table.ts';
import type { Bill } from '../table/support/requests/metering.ts';
import { createPool, heldSeat, metered, putAll } from './database.ts';
import { startService } from './http.ts';
import { load, median, medians, type Sample, sampleOf } from './load.ts';
import { startRelay } from './relay.ts';
import { newSession, type Told, throughEngine, type Way } from './sessions.ts';

export interface Throughput {
  measure: string;
  concurrency: number;
  median: Sample;
  /** Operations per second as a part of the bare writes of the same round. */
  ratio: number;
  rounds: Sample[];
}

export type Costs = Record<string, { requests: number; roundTrips: number; write: number; read: number }>;

/** As many seats as a usual large customer has; the rounds hold a few hundred of them at a time. */
const quota = 1000;
const bareItems = 512;

/**
 * The bare conditional update that all else is compared to: on one of many items like seats, with the condition and
 * the attribute of a heartbeat, by the same client, with nothing given back.
 */
const bareUpdate = (table: Table, pool: Pool) => (index: number) => {
  const { pk, sk, holder, fence } = heldSeat(pool, (index % bareItems) + 1);
  return table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: { pk, sk },
      UpdateExpression: 'SET availableAt = :until',
      ConditionExpression: 'holder = :holder AND fence = :fence',
      ExpressionAttributeValues: { ':until': Date.now() + 120_000, ':holder': holder, ':fence': fence },
    }),
  );
};

/**
 * Measures in turns, so that a temporary slowness of the machine affects all alike.
 *
 * @param relay the path of Keygen Relay, to measure it too
 */
export const measureThroughput = async (
  table: Table,
  endpoint: string,
  {
    rounds,
    counts,
    relay: binary,
  }: { rounds: number; counts: readonly { concurrency: number; count: number }[]; relay: string | undefined },
): Promise<{ throughput: Throughput[]; costs: Costs }> => {
  const barePool = await createPool(table, quota);
  await putAll(
    table,
    Array.from({ length: bareItems }, (_, index) => heldSeat(barePool, index + 1)),
  );
  const enginePool = await createPool(table, quota);
  const httpPool = await createPool(table, quota);
  const bare = bareUpdate(table, barePool);
  const engine = throughEngine(table, enginePool);
  const service = await startService(table, httpPool, endpoint);
  const relay = binary === undefined ? undefined : await startRelay(binary, quota);

  const round = async (size: { concurrency: number; count: number }): Promise<Map<string, Sample>> => {
    const inTurns = [
      ['bare update', await load(size, bare)],
      ...(await lives('engine', engine, size)),
      ['bare update', await load(size, bare)],
      ...(await lives('HTTP', service.way, size)),
      ...(relay ? await lives('Keygen Relay', relay.way, size) : []),
      ['bare update', await load(size, bare)],
    ] as const;
    const grouped = Map.groupBy(inTurns, ([measure]) => measure);
    return new Map(Array.from(grouped, ([measure, loads]) => [measure, sampleOf(loads.map(([, one]) => one))]));
  };

  try {
    for (const { concurrency, count } of counts) await round({ concurrency, count: Math.ceil(count / 2) });
    const results: Map<string, Sample>[][] = counts.map(() => []);
    for (let turn = 0; turn < rounds; turn++)
      for (const [at, size] of counts.entries()) results[at]?.push(await round(size));
    const throughput = counts.flatMap(({ concurrency }, at) => summarize(concurrency, results[at] ?? []));
    return { throughput, costs: await measureCosts(table, endpoint, { barePool, enginePool }) };
  } finally {
    await relay?.stop();
    await service.stop();
  }
};

/** Activates as many sessions as are counted, heartbeats each once, and releases them. */
const lives = async (name: string, way: Way, size: { concurrency: number; count: number }) => {
  const sessions = Array.from({ length: size.count }, newSession);
  const told: Told[] = [];
  const activate = await load(size, async (index) => {
    told[index] = await way.activate(sessions[index] as string);
  });
  const heartbeat = await load(size, (index) => way.heartbeat(sessions[index] as string, told[index] as Told));
  const release = await load(size, (index) => way.release(sessions[index] as string));
  return [
    [`activation, ${name}`, activate],
    [`heartbeat, ${name}`, heartbeat],
    [`release, ${name}`, release],
  ] as const;
};

const summarize = (concurrency: number, rounds: readonly Map<string, Sample>[]): Throughput[] =>
  Array.from(rounds[0]?.keys() ?? [], (measure) => {
    const samples = rounds.map((round) => round.get(measure) as Sample);
    const ratios = rounds.map(
      (round) => (round.get(measure)?.perSecond ?? 0) / (round.get('bare update')?.perSecond ?? 0),
    );
    return { measure, concurrency, median: medians(samples), ratio: median(ratios), rounds: samples };
  });

/** The cost of one operation, by DynamoDB's own figures; one after the other, to tell parallel requests apart. */
const measureCosts = async (
  table: Table,
  endpoint: string,
  { barePool, enginePool }: { barePool: Pool; enginePool: Pool },
): Promise<Costs> => {
  const counted = metered(table, endpoint);
  const engine = throughEngine(counted.table, enginePool);
  const sessions = Array.from({ length: 20 }, newSession);
  const told: Told[] = [];
  const all = async (work: (sessionId: string, index: number) => Promise<unknown>) => {
    const { bill } = await counted.of(async () => {
      for (const [index, sessionId] of sessions.entries()) await work(sessionId, index);
    });
    const each = (what: keyof Bill) => bill[what] / sessions.length;
    return { requests: each('requests'), roundTrips: each('roundTrips'), write: each('write'), read: each('read') };
  };
  const bare = bareUpdate(counted.table, barePool);
  return {
    'bare update': await all((_, index) => bare(index)),
    activation: await all(async (sessionId, index) => {
      told[index] = await engine.activate(sessionId);
    }),
    heartbeat: await all((sessionId, index) => engine.heartbeat(sessionId, told[index] as Told)),
    release: await all((sessionId) => engine.release(sessionId)),
  };
};
