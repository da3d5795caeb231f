import { setImmediate } from 'node:timers/promises';
import type * as fc from 'fast-check';
import type { Table } from '../../../../shared/table/store/table.ts';
import type { Database, TestPool } from '../database.ts';

/** What an operation of a run did, and when its requests were served (by their order in the run). */
export interface Trace {
  who: string;
  outcome: string;
  seat?: { number: number; fence: number };
  served: { name: string; step: number }[];
}

export type Operation = (
  table: Table,
  pool: TestPool,
) => Promise<{ outcome: string; seat?: { number: number; fence: number } }>;

/**
 * Runs operations at once: each of their requests to DynamoDB is held until fast-check's scheduler lets it go, one at a
 * time. `crashAt` kills an operation at its nth request.
 */
export const runInOrder = async (
  database: Database,
  s: fc.Scheduler,
  pool: TestPool,
  operations: { who: string; work: Operation; crashAt?: number }[],
): Promise<Trace[]> => {
  let step = 0;
  const underway = new Set<Promise<unknown>>();
  let left = operations.length;
  const traces = operations.map(async ({ who, work, crashAt }) => {
    const served: Trace['served'] = [];
    let requests = 0;
    const client = database.client({
      request: async ({ name }, send) => {
        if (++requests === crashAt) throw new Crash();
        await s.schedule(Promise.resolve(), `${who}: ${name}`);
        served.push({ name, step: ++step });
        const answer = send();
        const settled = answer.then(nothing, nothing).finally(() => underway.delete(settled));
        underway.add(settled);
        return answer;
      },
    });
    try {
      return { who, ...(await work(client, pool)), served };
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      return { who, outcome: 'crashed', served };
    } finally {
      left--;
    }
  });
  const failed = Promise.all(traces).then(
    () => undefined,
    (error) => error,
  );
  while (left > 0) {
    // Until all are held, or done.
    do {
      await Promise.all(underway);
      await setImmediate();
    } while (underway.size > 0);
    await setImmediate();
    if (underway.size === 0 && s.count() > 0) await s.waitNext(1);
  }
  const error = await failed;
  if (error) throw error;
  return Promise.all(traces);
};

/** The operation of a run by its name; throws if there was none. */
export const traceOf = (traces: readonly Trace[], who: string): Trace => {
  const trace = traces.find((one) => one.who === who);
  if (!trace) throw new Error(`no operation ${who}`);
  return trace;
};

/** When an operation's requests of one kind were served, in order. Throws if it made none: then the kind is wrong. */
export const stepsOf = ({ who, served }: Trace, request: string): number[] => {
  const steps = served.flatMap(({ name, step }) => (name === request ? [step] : []));
  if (steps.length === 0)
    throw new Error(`${who} made no ${request}, but ${served.map(({ name }) => name).join(', ') || 'nothing'}`);
  return steps;
};

/** When the last request of a kind was served. */
export const lastStepOf = (trace: Trace, request: string): number => Math.max(...stepsOf(trace, request));

const nothing = () => {};

class Crash extends Error {}
