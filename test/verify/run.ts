import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamoDbLocal } from '../../infra/local/database/dynamodb-process.ts';
import { addMember } from '../../shared/table/items/members.ts';
import { openTable } from '../../shared/table/store/table.ts';
import { below, chance, nextSeed, type Random, seeded } from '../explore/random.ts';
import type { Settings } from './check/log.ts';
import { admin, vendor } from './clients/admins.ts';
import { readLists } from './clients/lists.ts';
import { Recorder } from './clients/recorder.ts';
import { runner } from './clients/runners.ts';
import { pause, products, setTerms, type World } from './clients/world.ts';
import { type FaultProxy, noFaults, startFaultProxy, storm } from './service/fault-proxy.ts';
import { type Service, startService } from './service/service.ts';

const YEAR_MS = 365 * 86_400_000;

export interface RunOptions {
  seconds: number;
  seed: number;
  mutant?: number | undefined;
  /** The file of the log. */
  log?: string | undefined;
  /** How many runners each product has. */
  runners: number;
  /** How long it is calm between two storms of faults, seconds. */
  calm: readonly [least: number, most: number];
  /** Whether the service is killed time and again. */
  kills: boolean;
  pace: number;
  say: (line: string) => void;
  /** Whether the database keeps its data on the disk, for runs of more than some minutes. */
  onDisk?: boolean;
  /** Options of Node for the service. */
  nodeArgs?: readonly string[];
  /** Variables of the service. */
  settings?: Record<string, string>;
  /** Called every 10 s while the run goes on. */
  sample?: (service: Service, endpoint: string) => Promise<void>;
}

/** The bounds on which the checker relies. */
const settings: Settings = {
  kind: 'settings',
  skewMs: 25,
  // A function runs on after its time limit: 24 s of tries, and the last requests.
  lingerMs: 45_000,
  scheduleMs: 180_000,
  products: Object.fromEntries(
    products.map(({ name, licenseType, leaseSeconds }) => [name, { licenseType, leaseMs: leaseSeconds * 1000 }]),
  ),
};

/** Sets up the organization: its limits, members with keys, and subscriptions. */
const setUp = async (world: World, endpoint: string, memberCount: number): Promise<void> => {
  const { recorder, organizationId, tokens } = world;
  const organization = `/v1/organizations/${organizationId}`;
  const table = openTable('service#seed', { TABLE_NAME: 'leasehold', DYNAMODB_ENDPOINT: endpoint });
  const must = async (request: Parameters<Recorder['send']>[0]) => {
    const { status, body } = await recorder.send(request);
    if (status >= 300) throw new Error(`${request.method} ${request.path} answered ${status}: ${JSON.stringify(body)}`);
    return body as Record<string, unknown>;
  };
  const limits = { offlineLicensesPerDay: 1000, requestsPerSecond: 10_000, requestBurst: 100_000 };
  await must({ method: 'PUT', path: `${organization}/limits`, token: tokens.vendor, body: limits });
  for (let n = 0; n < memberCount; n++) {
    const email = `member-${n}@acme.example`;
    const { userId } = await addMember(table, {
      organizationId,
      email,
      role: 'user',
      name: `Member ${n}`,
      now: Date.now(),
    });
    const body = { name: 'verify', scope: 'activate', userId };
    const { key } = await must({ method: 'POST', path: `${organization}/api-keys`, token: tokens.owner, body });
    world.members.push({ userId, key: key as string });
  }
  table.client.destroy();
  for (const product of products) {
    const [, most] = product.quotas;
    const { machineQuota } = product;
    await setTerms(world, product, { quota: most, machineQuota, status: 'active', expiresAt: Date.now() + YEAR_MS });
  }
};

/** Storms of faults and calm times follow each other; now and then the service is killed. */
const disturb = async (
  world: World,
  random: Random,
  proxy: FaultProxy,
  { calm: [least, most], kills, restart }: Pick<RunOptions, 'calm' | 'kills'> & { restart: () => Promise<void> },
): Promise<void> => {
  while (!world.isOver()) {
    proxy.set(noFaults);
    const calmUntil = performance.now() + 1000 * (least + below(random, most - least));
    while (performance.now() < calmUntil && !world.isOver()) await pause(250);
    if (world.isOver()) break;
    proxy.set(storm);
    const [from, lateBefore] = [Date.now(), proxy.counts.late];
    await pause(3_000 + below(random, 4_000));
    if (kills && chance(random, 0.4) && !world.isOver()) await restart();
    proxy.set(noFaults);
    const to = Date.now();
    await proxy.settle();
    world.recorder.log({ kind: 'storm', from, to, quiet: Date.now(), late: proxy.counts.late - lateBefore });
  }
  proxy.set(noFaults);
};

/** Runs clients against the service, with faults, and logs what they see. */
export const run = async (options: RunOptions): Promise<Recorder> => {
  const { seed, mutant, say } = options;
  const random = seeded(seed);
  const dataDir = mkdtempSync(join(tmpdir(), 'leasehold-verify-'));
  Object.assign(process.env, { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
  const database = await startDynamoDbLocal(options.onDisk ? { dataDir } : {});
  const proxy = await startFaultProxy(database.endpoint, seeded(nextSeed(random)));
  const start = (port: number) =>
    startService({
      dataDir,
      database: proxy.endpoint,
      port,
      mutant,
      nodeArgs: options.nodeArgs,
      settings: options.settings,
    });
  let service = await start(0);
  const port = Number(new URL(service.credentials.baseUrl).port);
  const recorder = new Recorder(options.log);
  recorder.baseUrl = service.credentials.baseUrl;
  recorder.log(settings);
  let until = Number.POSITIVE_INFINITY;
  const world: World = {
    random: seeded(nextSeed(random)),
    recorder,
    organizationId: service.credentials.organizationId,
    tokens: service.credentials.tokens,
    members: [],
    running: new Map(products.map(({ name }) => [name, new Map()])),
    terms: new Map(),
    isOver: () => performance.now() > until,
    pace: options.pace,
  };
  let kills = 0;
  const restart = async () => {
    kills++;
    const at = Date.now();
    await service.kill();
    proxy.set(noFaults);
    await proxy.drain();
    const quiet = Date.now();
    service = await start(port);
    recorder.log({ kind: 'kill', at, quiet, back: Date.now() });
  };
  const sampling = setInterval(() => void options.sample?.(service, database.endpoint).catch(() => {}), 10_000);
  const progress = setInterval(() => say(progressOf(recorder, proxy, kills)), 10_000);
  try {
    await setUp(world, database.endpoint, 7 + Math.ceil(options.seconds / 60));
    until = performance.now() + options.seconds * 1000;
    await Promise.all([
      disturb(world, seeded(nextSeed(random)), proxy, { ...options, restart }),
      ...products.flatMap((product) => [
        ...Array.from({ length: options.runners }, () => runner(world, product)),
        admin(world, product),
        vendor(world, product),
      ]),
    ]);
    say(
      `${progressOf(recorder, proxy, kills)}\nThe clients have stopped. Waiting for the leases to end, and reading the lists…`,
    );
    await pause(1000 * Math.max(...products.map(({ leaseSeconds }) => leaseSeconds)));
    for (const product of products) recorder.log(await readLists(world, product, say));
  } finally {
    clearInterval(sampling);
    clearInterval(progress);
    await service.kill();
    await proxy.stop();
    await database.stop();
    await recorder.close();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
  return recorder;
};

const progressOf = ({ statuses, entries }: Recorder, { counts }: FaultProxy, kills: number): string => {
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (statuses[name] ?? 0), 0);
  const unknown = Object.entries(statuses).filter(([name]) => / (no answer|5..)$/.test(name));
  const { served, late: _, ...injected } = counts;
  return (
    `${entries.length} calls: ${of('activate 201')} new activations, ${of('activate 202')} polls, ` +
    `${of('activate 409')} refusals, ${of('heartbeat 200')} heartbeats, ${unknown.reduce((sum, [, count]) => sum + count, 0)} without a final answer; ` +
    `${served} requests to the database, ${Object.values(injected).reduce((sum, count) => sum + count, 0)} faults, ${kills} kills`
  );
};
