import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { operations } from '../../../shared/contracts/operations.ts';
import { type FunctionSpec, functionsOf } from '../../functions.ts';
import type { LambdaFunction } from './invoke-lambda.ts';

/** The default time limit on AWS. */
const DEFAULT_TIME_LIMIT_SECONDS = 10;
/** How many times as long as on AWS a function may take: a machine of one's own may be slow, busy, or asleep meanwhile. */
const PATIENCE = 6;

/** Returns a function by its file name. */
export type FunctionLookup = (file: string) => LambdaFunction;

/** Imports every function of the service. Set the environment before: the functions read it on import. */
export const loadFunctions = async (): Promise<FunctionLookup> => {
  const loaded = new Map(await Promise.all(functionsOf(operations).map(load)));
  return (file) => {
    const found = loaded.get(file);
    if (!found) throw new Error(`There is no function ${file}.`);
    return found;
  };
};

const load = async ({ file, timeoutSeconds }: FunctionSpec): Promise<readonly [string, LambdaFunction]> => {
  const path = join(import.meta.dirname, '../../../functions', `${file}.ts`);
  if (!existsSync(path))
    throw new Error(`functions/${file}.ts is missing: every operation has a function of its name.`);
  const { handler } = (await import(path)) as Pick<LambdaFunction, 'handler'>;
  const timeLimitMs = (timeoutSeconds ?? DEFAULT_TIME_LIMIT_SECONDS) * 1000 * PATIENCE;
  return [file, { name: `leasehold-${file}`, handler, timeLimitMs }];
};
