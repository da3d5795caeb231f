import type { Burst } from './burst.ts';
import type { Following } from './following.ts';
import type { Growth } from './growth.ts';
import type { Polls } from './polls.ts';
import type { Due } from './schedule.ts';
import type { Settling } from './settle.ts';
import type { Costs, Throughput } from './throughput.ts';

export interface Report {
  about: {
    date: string;
    commit: string;
    node: string;
    cpus: number;
    cpuModel: string;
    loadBefore: number;
    loadAfter: number;
    seconds: number;
  };
  throughput: Throughput[];
  costs: Costs;
  burst: Burst;
  growth: Growth[];
  polls: Polls[];
  settling: Settling;
  due: Due[];
  following: Following;
}

/** The least ratios through the engine, under load. */
const aims: Record<string, number> = { 'heartbeat, engine': 0.5, 'activation, engine': 0.2 };

const whole = (value: number) => value.toFixed(0);
const short = (value: number) => value.toFixed(value < 100 ? 1 : 0);
const two = (value: number) => value.toFixed(2);

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
};

/** The report for people. */
export const textOf = ({
  about,
  throughput,
  costs,
  burst,
  growth,
  polls,
  settling,
  due,
  following,
}: Report): string => {
  const levels = [...new Set(throughput.map(({ concurrency }) => concurrency))];
  const underLoad = Math.max(...levels);
  const aim = ({ measure, concurrency, ratio }: Throughput) => {
    const least = aims[measure];
    if (least === undefined || concurrency !== underLoad) return '';
    return `${ratio >= least ? 'met' : 'MISSED'} (${least})`;
  };
  return [
    `Leasehold ${about.commit}, Node ${about.node}, ${about.cpus} × ${about.cpuModel}, ${about.date}`,
    `load average ${two(about.loadBefore)} before, ${two(about.loadAfter)} after; ${whole(about.seconds)} s`,
    ...levels.flatMap((level) => [
      `\n${level} at a time (medians of rounds)`,
      table(
        ['', 'per second', 'p50 ms', 'p99 ms', 'of bare', 'aim'],
        throughput
          .filter(({ concurrency }) => concurrency === level)
          .map((row) => {
            const { perSecond, p50, p99 } = row.median;
            return [row.measure, whole(perSecond), short(p50), short(p99), two(row.ratio), aim(row)];
          }),
      ),
    ]),
    '\nCost of one',
    table(
      ['', 'requests', 'round trips', 'write units', 'read units'],
      Object.entries(costs).map(([name, { requests, roundTrips, write, read }]) => [
        name,
        ...[requests, roundTrips, write, read].map(short),
      ]),
    ),
    `\n${burst.sessions} sessions at once on ${burst.quota} seats: ${burst.winners} won, ${burst.refused} were refused; ` +
      `${two(burst.requestsPerSession)} requests a session, ${two(burst.triesPerWinner)} tries a winner, ${whole(burst.wallMs)} ms`,
    '\nGrowth over the quota, one at a time',
    table(
      ['held before', 'quota', 'answer', 'p50 ms', 'p99 ms', 'requests', 'read units', 'write units'],
      growth
        .toSorted((a, b) => a.fill.localeCompare(b.fill))
        .map(({ quota, fill, outcome, sample, requests, read, write }) => [
          fill,
          String(quota),
          outcome,
          ...[sample.p50, sample.p99, requests, read, write].map(short),
        ]),
    ),
    '\nPolls of waiting sessions, one at a time',
    table(
      ['waiting', 'p50 ms', 'p99 ms', 'requests', 'read units', 'write units'],
      polls.map(({ waiting, sample, requests, read, write }) => [
        String(waiting),
        ...[sample.p50, sample.p99, requests, read, write].map(short),
      ]),
    ),
    '\nThe schedule, per due item',
    table(
      ['', 'items', 'per second', 'requests', 'write units', 'read units'],
      [...settling.settling, ...due].map(({ what, items, perSecond, requests, write, read }) => [
        what,
        String(items),
        whole(perSecond),
        ...[requests, write, read].map(short),
      ]),
    ),
    `The stream function: ${settling.planning.changes} changes, ${settling.planning.planned} looks planned, ${whole(settling.planning.perSecond)} changes per second`,
    '\nSessions, from activation to release, and the stream function',
    table(
      ['', 'sessions per second', 'lag ms', 'worst lag ms'],
      [
        ['nobody follows', whole(following.alone), '', ''],
        ['follows what was left', whole(following.behind.sessionsPerSecond), '', ''],
        ...following.beside.map((row) => [
          `side by side, ${row.load}`,
          ...[row.sessionsPerSecond, row.lagMs, row.worstLagMs].map(whole),
        ]),
      ],
    ),
    `It follows ${whole(following.behind.changesPerSecond)} changes per second, each with ${two(following.behind.cpuMs)} ms of a core`,
  ].join('\n');
};
