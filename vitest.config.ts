import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  test: {
    include: ['test/**/*.test.ts'],
    // One DynamoDB Local for all: each test file has a database of its own in it.
    globalSetup: ['test/dynamodb-local.ts'],
    env: {
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      AWS_REGION: 'eu-central-1',
      // `npm run test:long` is vitest's mode `long`.
      TEST_DEPTH: mode === 'long' ? 'long' : 'short',
    },
    reporters: ['default', './test/progress-reporter.ts'],
    slowTestThreshold: 10_000,
    // Half of its time a test waits for the database, or for a lease to end.
    maxWorkers: Math.max(2, availableParallelism()),
    testTimeout: mode === 'long' ? 2_400_000 : 240_000,
    hookTimeout: 60_000,
  },
}));
