import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One DynamoDB Local for all: each test file has a database of its own in it.
    globalSetup: ['test/dynamodb-local.ts'],
    env: { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true', AWS_REGION: 'eu-central-1' },
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
