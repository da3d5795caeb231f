export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutation/vitest.config.ts' },
  // The pure rules.
  mutate: ['shared/domain/**/*.ts'],
  reporters: ['progress-append-only', 'clear-text', 'json'],
  clearTextReporter: { reportTests: false, reportMutants: false, allowColor: false },
  jsonReporter: { fileName: '.local/mutation/rules.json' },
  tempDirName: '.local/mutation/sandbox',
  ignorePatterns: ['.local', 'console', 'release'],
  // Stryker would rewrite tsconfig.json by an API that TypeScript 7 no longer has; nothing reads it here.
  tsconfigFile: 'none',
  coverageAnalysis: 'perTest',
  // A constant of a module would cost a run of all tests for each of its mutants.
  ignoreStatic: true,
  // A busy machine must not take a slow run for an endless loop, which counts as noticed.
  timeoutMS: 30_000,
  concurrency: 2,
};
