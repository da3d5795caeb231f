import { AsyncLocalStorage } from 'node:async_hooks';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import type { Random } from './random.ts';

/** The sources of a process on its machine. */
export interface SimulatedProcess {
  /** Its clock, epoch ms. */
  now: () => number;
  random: Random;
}

const processes = new AsyncLocalStorage<SimulatedProcess | undefined>();

/** The process as which the code runs now; undefined outside of all. */
export const currentProcess = () => processes.getStore();

/** Runs code with the clock and the random numbers of a simulated process. */
export const runAs = <T>(one: SimulatedProcess, work: () => T): T => processes.run(one, work);

/** Runs code, such as a real request, with the real ones. */
export const runOutside = <T>(work: () => T): T => processes.run(undefined, work);

/**
 * Makes `Date.now`, `Math.random` and Node's random bytes those of the simulated process that asks, so that a run can be
 * repeated from its seed. Outside of simulated processes nothing changes.
 */
export const simulateProcesses = (): void => {
  const { now, random } = { now: Date.now, random: Math.random };
  const { randomBytes, randomUUID } = crypto;
  const getRandomValues = globalThis.crypto.getRandomValues.bind(globalThis.crypto);
  const fill = <A extends Uint8Array>(bytes: A, from: Random): A => {
    for (let index = 0; index < bytes.length; index++) bytes[index] = Math.floor(from() * 256);
    return bytes;
  };
  Date.now = () => processes.getStore()?.now() ?? now();
  Math.random = () => processes.getStore()?.random() ?? random();
  Object.assign(crypto, {
    randomBytes: (size: number) => {
      const process = processes.getStore();
      return process ? fill(Buffer.alloc(size), process.random) : randomBytes(size);
    },
    randomUUID: () => {
      const process = processes.getStore();
      return process ? fill(Buffer.alloc(16), process.random).toString('hex') : randomUUID();
    },
  });
  globalThis.crypto.getRandomValues = ((bytes: Uint8Array) => {
    const process = processes.getStore();
    return process ? fill(bytes, process.random) : getRandomValues(bytes as Uint8Array<ArrayBuffer>);
  }) as typeof globalThis.crypto.getRandomValues;
  syncBuiltinESMExports();
};
