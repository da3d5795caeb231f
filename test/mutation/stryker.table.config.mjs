import rules from './stryker.config.mjs';

export default {
  ...rules,
  vitest: { configFile: 'test/mutation/vitest.table.config.ts', related: false },
  mutate: [
    'shared/table/engine/complete-pending.ts',
    'shared/table/engine/confirm-claim.ts',
    'shared/table/engine/raise-claimable.ts',
    'shared/table/licensed-users/end-license.ts',
    'shared/table/licensed-users/grant-license.ts',
    'shared/table/licensed-users/list-licensed-users.ts',
    'shared/table/licensed-users/pending-licenses.ts',
    'shared/table/licensed-users/remove-license.ts',
    'shared/table/licensed-users/transfer-license.ts',
    'shared/table/queue/queue.ts',
    'shared/table/queue/read-line.ts',
  ],
  // The compiler refuses most other names and objects. The expressions of writes: `npm run verify:conditions`.
  mutator: { excludedMutations: ['StringLiteral', 'ObjectLiteral'] },
  jsonReporter: { fileName: '.local/mutation/table.json' },
  // A survivor costs a run of all tests. A busy machine must not take it for an endless loop.
  timeoutMS: 60_000,
  concurrency: 1,
};
