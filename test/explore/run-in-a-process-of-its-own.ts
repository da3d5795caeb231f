import { parentPort, workerData } from 'node:worker_threads';
import { type RunOptions, run } from './run.ts';
import { simulateProcesses } from './simulated-process.ts';

// The service's processes remember of pools what spares them requests: a run that is made again must not find that.

process.env.AWS_REGION ??= 'eu-central-1';
simulateProcesses();
parentPort?.postMessage(await run(workerData as RunOptions));
