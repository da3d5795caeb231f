import type { TestProject } from 'vitest/node';
import { startDynamoDbLocal } from '../infra/local/database/dynamodb-process.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    dynamodb: string;
  }
}

/** Starts Amazon's DynamoDB Local, in memory, for the time of the tests. */
export default async (project: TestProject) => {
  const { endpoint, warning, stop } = await startDynamoDbLocal();
  if (warning) console.warn(warning);
  project.provide('dynamodb', endpoint);
  return stop;
};
