import { authorizer as authorizerSpec, followChanges, functionsOf, settleDue } from '../../../infra/functions.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { rememberedSeconds } from '../../../shared/contracts/operation.ts';
import { operations } from '../../../shared/contracts/operations.ts';
import type { Bill } from '../../table/support/requests/metering.ts';
import type { Counts } from './count.ts';
import type { Logged } from './logged.ts';
import { monthDays, prices } from './prices.ts';

/** The figures that can't be counted here. */
export const assumed = {
  /** The time of a round trip to DynamoDB, and of a function's work besides. */
  roundTripMs: 5,
  functionMs: 5,
  /** The stream function's time for a change, and the changes that one call brings. */
  changeMs: 3,
  changesPerBatch: 25,
  heartbeatSeconds: 40,
  /** Of so many calls with a shared key the gateway asks the authorizer once. */
  callsPerKey: 20,
};

/** The parts of a price, dollars. */
export interface Price {
  api: number;
  lambda: number;
  dynamodb: number;
  logs: number;
  storage: number;
}

export const totalOf = ({ api, lambda, dynamodb, logs, storage }: Price): number =>
  api + lambda + dynamodb + logs + storage;

const nothing: Price = { api: 0, lambda: 0, dynamodb: 0, logs: 0, storage: 0 };

const sum = (...parts: Price[]): Price =>
  parts.reduce(
    (a, b) => ({
      api: a.api + b.api,
      lambda: a.lambda + b.lambda,
      dynamodb: a.dynamodb + b.dynamodb,
      logs: a.logs + b.logs,
      storage: a.storage + b.storage,
    }),
    nothing,
  );
const times = (count: number, price: Price): Price => ({
  api: count * price.api,
  lambda: count * price.lambda,
  dynamodb: count * price.dynamodb,
  logs: count * price.logs,
  storage: count * price.storage,
});

const units = ({ read, write }: Bill): Price => ({
  ...nothing,
  dynamodb: read * prices.readUnit + write * prices.writeUnit,
});

const log = (bytes: number): Price => ({ ...nothing, logs: (bytes / 1e9) * prices.logged });

const specs = functionsOf(operations);
const memoryOf = (file: string) => specs.find((spec) => spec.file === file)?.memoryMB ?? 512;
const compute = (file: string, ms: number, invocations = 1): Price => ({
  ...nothing,
  lambda: invocations * prices.invocation + (ms / 1000) * (memoryOf(file) / 1024) * prices.gigabyteSecond,
});

const call = (file: string, bill: Bill, bytes: number): Price =>
  sum(units(bill), compute(file, assumed.functionMs + bill.roundTrips * assumed.roundTripMs), log(bytes));

export interface Prices {
  activate: Price;
  heartbeat: Price;
  deactivate: Price;
  refused: ReadonlyMap<number, Price>;
  /** A session without heartbeats, by the days of its history. */
  session: (historyDays: number) => Price;
  /** The additional price of a session whose runner has a key of its own: the authorizer, at its start and end. */
  ownKey: Price;
  runnerHour: Price;
  /** A month without any call. */
  idleMonth: { schedule: number; alarms: number; keys: number };
}

/** Returns the prices of single calls, sessions and hours, dollars. */
export const priceAll = (
  counts: Counts,
  logged: Logged,
  { alarms, keys }: { alarms: number; keys: number },
): Prices => {
  const authorizer = call(authorizerSpec.file, counts.authorizer, logged.authorizer);
  const request = sum({ ...nothing, api: prices.apiRequest }, log(logged.gateway));
  const authorized = sum(request, times(1 / assumed.callsPerKey, authorizer));
  const activate = sum(authorized, call('activate', counts.activate, logged.activate));
  const deactivate = sum(authorized, call('deactivate', counts.deactivate, logged.deactivate));
  // As if each runner had a key of its own.
  const asked = assumed.heartbeatSeconds / rememberedSeconds(heartbeat);
  const beat = sum(request, times(asked, authorizer), call('heartbeat', counts.heartbeat, logged.heartbeat));
  const refused = new Map(
    Array.from(counts.refused, ([quota, bill]) => [quota, sum(authorized, call('activate', bill, logged.activate))]),
  );
  const { changes } = counts.follow;
  const followed = sum(
    units(counts.follow),
    compute(followChanges.file, changes * assumed.changeMs, changes / assumed.changesPerBatch),
  );
  const purged = sum(units(counts.purge), compute(settleDue.file, counts.purge.requests, 0));
  const session = (historyDays: number): Price => {
    const gigabyteMonths = (counts.stored.bytes / 1e9) * (historyDays / monthDays);
    const storage = gigabyteMonths * (prices.stored + prices.backedUp);
    return sum(activate, deactivate, followed, purged, { ...nothing, storage });
  };
  const runnerHour = sum(times(3600 / assumed.heartbeatSeconds, beat), times(sweepsPerHour, units(counts.sweep)));
  // DynamoDB charges a query without items half a unit.
  const idle = { ...counts.idle, read: Math.max(counts.idle.read, counts.idle.requests / 2) };
  const run = totalOf(call(settleDue.file, idle, scheduleLogBytes));
  return {
    activate,
    heartbeat: beat,
    deactivate,
    refused,
    session,
    ownKey: times(2 - 2 / assumed.callsPerKey, authorizer),
    runnerHour,
    idleMonth: { schedule: run * monthDays * 1440, alarms: alarms * prices.alarm, keys: keys * prices.key },
  };
};

/** The sweeps of a calm pool. */
const sweepsPerHour = 3;
/** One line a run. */
const scheduleLogBytes = 300;
