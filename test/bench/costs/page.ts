import type { Counts } from './count.ts';
import { assumed, type Price, type Prices, totalOf } from './price.ts';
import { prices } from './prices.ts';

const dollars = (amount: number): string => (amount >= 100 ? amount.toFixed(0) : amount.toFixed(2));
const perMillion = (price: Price): string => dollars(totalOf(price) * 1e6);
const short = (value: number): string => String(Number(value.toFixed(value < 1 ? 2 : 1)));

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const partsOf = ({ api, lambda, dynamodb, logs, storage }: Price): string[] =>
  [api, lambda, dynamodb, logs, storage].map((part) => (part === 0 ? '' : dollars(part * 1e6)));

/** The runner of the README: 48 jobs of ten minutes on 22 days. */
const jobsPerMonth = 48 * 22;
const hoursPerMonth = jobsPerMonth / 6;

/** Returns `docs/cost.md`. */
export const pageOf = (counts: Counts, found: Prices): string => {
  const { activate, heartbeat, deactivate, refused, session, ownKey, runnerHour, idleMonth } = found;
  const idle = idleMonth.schedule + idleMonth.alarms + idleMonth.keys;
  const alwaysOn = Object.values(prices.alwaysOn).reduce((sum, price) => sum + price);
  const runner = jobsPerMonth * totalOf(session(400)) + hoursPerMonth * totalOf(runnerHour);
  const row = (name: string, price: Price) => [name, `**${perMillion(price)}**`, ...partsOf(price)];
  return `# What it costs

\`npm run costs\` writes this page: it counts requests, units and bytes on DynamoDB Local, takes the settings of the templates, and
multiplies by the list prices of us-east-1 of ${prices.date}, without free tiers and discounts. Dollars.

${table(
  ['a million', 'all', 'API', 'Lambda', 'DynamoDB', 'logs', 'storage'],
  [
    row('sessions, with 400 days of history', session(400)),
    row('sessions, with 90 days of history', session(90)),
    row('sessions whose runners have keys of their own, in addition', ownKey),
    row('hours of running sessions', runnerHour),
    row('activations', activate),
    row('heartbeats', heartbeat),
    row('ends', deactivate),
    ...Array.from(refused, ([quota, price]) => row(`refusals, ${quota.toLocaleString('en')} seats in use`, price)),
  ],
)}

A session is an activation and an end, the stream function’s work for both, its history until the purge, and the purge. Its
hours come on top: a heartbeat each ${assumed.heartbeatSeconds} seconds, and the pool’s sweeps. Runners share the API key of their pipeline, so
the gateway remembers it.

A runner with 48 jobs of ten minutes on 22 days costs **$${dollars(runner)} a month**.

## Idle

**$${dollars(idle)} a month**: ${dollars(idleMonth.alarms)} for the alarms of the functions and the service, ${dollars(idleMonth.keys)} for the key that signs offline
licenses, ${dollars(idleMonth.schedule)} for the schedule, which runs each minute.

A license server of your own costs ${dollars(alwaysOn)} a month, idle or not:
${Object.entries(prices.alwaysOn)
  .map(([name, price]) => `${name} ${dollars(price)}`)
  .join(', ')}.
Here ${(Math.floor((alwaysOn - idle) / runner / 100) * 100).toLocaleString('en')} such runners cost as much.

## Counted

${table(
  ['one', 'requests', 'write units', 'read units'],
  [
    ...Object.entries({
      activation: counts.activate,
      heartbeat: counts.heartbeat,
      end: counts.deactivate,
      'the stream function, for a session': counts.follow,
      'the purge of a session': counts.purge,
      'the authorizer': counts.authorizer,
      'a sweep, for a seat': counts.sweep,
    }),
    ...Array.from(
      counts.refused,
      ([quota, bill]) => [`refusal, ${quota.toLocaleString('en')} seats in use`, bill] as const,
    ),
  ].map(([name, { requests, write, read }]) => [name, ...[requests, write, read].map(short)]),
)}

A session leaves ${short(counts.stored.items)} items until the purge, ${Math.round(counts.stored.bytes / 10) * 10} bytes with DynamoDB’s overhead.

## Assumed

A function takes ${assumed.functionMs} ms, and ${assumed.roundTripMs} ms for each round trip to DynamoDB; the stream function ${assumed.changeMs} ms for each change, ${assumed.changesPerBatch} at
a time. Of ${assumed.callsPerKey} calls with a shared key one asks the authorizer. Not included: data transfer, the page’s distribution, mails,
webhooks (a delivery is about two heartbeats), the bus beyond its defaults
([event-bus.md](event-bus.md)), and the [firewall](deploy.md#firewall).
`;
};
