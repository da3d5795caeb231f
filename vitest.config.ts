import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** The tests that can run one file after another in one process: each file has data of its own, and none mocks a module. */
const together = ['test/{api,domain,models,table}/**/*.test.ts'];

export default defineConfig(({ mode }) => {
  const ofEach = {
    env: {
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      AWS_REGION: 'eu-central-1',
      // `npm run test:long` is vitest's mode `long`.
      TEST_DEPTH: mode === 'long' ? 'long' : 'short',
    },
    slowTestThreshold: 10_000,
    // Something that the page or the service does on its own takes its time on a busy machine.
    expect: { poll: { timeout: 60_000 } },
    // A test file waits for half of its time: for the database, a browser, or the end of a lease.
    maxWorkers: availableParallelism() + 1,
    testTimeout: mode === 'long' ? 2_400_000 : 240_000,
    // A hook may start a stack and a browser, and build the console before, beside other files that do the same.
    hookTimeout: 240_000,
  };
  return {
    test: {
      ...ofEach,
      // One DynamoDB Local for all projects: each test file has a database of its own in it.
      globalSetup: ['test/dynamodb-local.ts'],
      reporters: ['default', './test/progress-reporter.ts'],
      // Projects run in the order of their names: the files that wait for long come first.
      projects: [
        {
          test: {
            ...ofEach,
            name: 'apart',
            include: ['test/**/*.test.ts'],
            exclude: [...together, '**/node_modules/**'],
          },
        },
        // A process of its own for each file would import the functions and the AWS SDK each time.
        { test: { ...ofEach, name: 'together', include: together, isolate: false } },
      ],
    },
  };
});
