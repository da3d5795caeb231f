import { defineConfig } from 'vitest/config';

/** The tests of the pure rules: they need no database, so that each mutant costs milliseconds. */
export default defineConfig({
  test: { include: ['test/domain/**/*.test.ts'], setupFiles: ['test/mutation/fixed-seed.ts'] },
});
