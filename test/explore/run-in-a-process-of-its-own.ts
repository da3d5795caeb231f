import { parentPort, workerData } from 'node:worker_threads';
import { type RunOptions, run } from './run.ts';
import { simulateProcesses } from './simulated-process.ts';

// The service's processes remember pools, to save requests: a repeated run must begin without that memory.

process.env.AWS_REGION ??= 'eu-central-1';
simulateProcesses();
parentPort?.postMessage(await run(workerData as RunOptions));
