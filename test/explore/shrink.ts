import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { RunOptions, RunResult } from './run.ts';

/** Makes a run in a new worker, without the memory of earlier runs. */
export const runAgain = async (options: RunOptions): Promise<RunResult> => {
  const worker = new Worker(new URL('./run-in-a-process-of-its-own.ts', import.meta.url), { workerData: options });
  const [result] = await once(worker, 'message');
  await worker.terminate();
  return result;
};

/**
 * Leaves steps of a run out, as long as the same invariant is still broken: halves first, then ever smaller parts.
 *
 * @param until when to stop, as `performance.now()` tells the time
 */
export const shrink = async (options: RunOptions, found: RunResult, until: number): Promise<RunResult> => {
  let smallest = found;
  for (let size = Math.ceil(found.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let first = 0; first < smallest.steps.length && performance.now() < until; ) {
      const only = new Set(smallest.steps.filter((_, place) => place < first || place >= first + size));
      const tried = await runAgain({ ...options, only });
      if (tried.violation?.invariant === found.violation?.invariant) smallest = tried;
      else first += size;
    }
  return smallest;
};
