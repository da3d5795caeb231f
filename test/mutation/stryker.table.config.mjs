import rules from './stryker.config.mjs';

export default {
  ...rules,
  vitest: { configFile: 'test/mutation/vitest.table.config.ts', related: false },
  // The engine, and the rooms whose fast tests vitest.table.config.ts lists.
  mutate: ['shared/table/{engine,licensed-users,machines,queue}/*.ts'],
  // The compiler refuses most other names and objects. The expressions of writes: `npm run verify:conditions`.
  mutator: { excludedMutations: ['StringLiteral', 'ObjectLiteral'] },
  jsonReporter: { fileName: '.local/mutation/table.json' },
  // A survivor costs a run of all tests. A busy machine must not take it for an endless loop.
  timeoutMS: 60_000,
  concurrency: 1,
};
