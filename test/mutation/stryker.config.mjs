export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutation/vitest.config.ts' },
  // The pure rules.
  mutate: [
    'shared/domain/activation.ts',
    'shared/domain/census.ts',
    'shared/domain/dates.ts',
    'shared/domain/holder-record.ts',
    'shared/domain/idle-timeout.ts',
    'shared/domain/license.ts',
    'shared/domain/machine.ts',
    'shared/domain/offline.ts',
    'shared/domain/portfolio.ts',
    'shared/domain/product.ts',
    'shared/domain/queue.ts',
    'shared/domain/seat-view.ts',
    'shared/domain/seat.ts',
    'shared/domain/subscription.ts',
    'shared/domain/sweep.ts',
  ],
  reporters: ['clear-text', 'json'],
  clearTextReporter: { reportTests: false, reportMutants: false, allowColor: false },
  jsonReporter: { fileName: '.local/mutation/rules.json' },
  tempDirName: '.local/mutation/sandbox',
  ignorePatterns: ['.local', 'console', 'docs', 'release'],
  // Stryker would rewrite tsconfig.json by an API that TypeScript 7 no longer has; nothing reads it here.
  tsconfigFile: 'none',
  coverageAnalysis: 'perTest',
  // A constant of a module would cost a run of all tests for each of its mutants.
  ignoreStatic: true,
  concurrency: 2,
};
