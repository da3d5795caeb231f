import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One DynamoDB Local for all: each test file has a database of its own in it.
    globalSetup: ['test/dynamodb-local.ts'],
    env: { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true', AWS_REGION: 'eu-central-1' },
    // Half of its time a test waits for the database, or for a lease to end.
    maxWorkers: Math.max(2, availableParallelism()),
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
