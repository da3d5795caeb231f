import { createVitest, type TestCase, type TestRunResult } from 'vitest/node';
import { weakenedOf } from './conditions.ts';
import { type Survivor, tellSurvivors } from './survivors.ts';
import type { Conditional } from './table-setup.ts';

const usage = `Takes each part of each condition of the engine's writes away, and expects a test of test/table to fail without it:
npm run verify:conditions [-- WRITE…]

WRITE: a part of the name of a write, for example 'renewedAt' or 'put SEAT'; all writes by default.
A part that no test misses must be judged in test/mutation/conditions.md.`;

const names = process.argv.slice(2);
if (names.some((name) => name.startsWith('-'))) {
  console.error(usage);
  process.exit(2);
}

const vitest = await createVitest('test', {
  config: 'test/mutation/vitest.table.config.ts',
  watch: false,
  bail: 1,
  reporters: [{}],
});
const everyTest = ({ testModules }: TestRunResult) => testModules.flatMap((module) => [...module.children.allTests()]);

const tests = everyTest(await vitest.start());
if (tests.length === 0 || tests.some((test) => !test.ok())) {
  console.error('The tests fail as they are: npx vitest run --config test/mutation/vitest.table.config.ts');
  process.exit(1);
}

/** The tests of each conditional write. */
const testsOf = new Map<string, { made: Conditional; tests: TestCase[] }>();
for (const test of tests)
  for (const made of test.meta().conditional ?? []) {
    const name = JSON.stringify(made);
    const known = testsOf.get(name) ?? { made, tests: [] };
    testsOf.set(name, { made, tests: [...known.tests, test] });
  }
const wanted = [...testsOf.values()].filter(
  ({ made: { write } }) => names.length === 0 || names.some((name) => write.includes(name)),
);

const survivors: Survivor[] = [];
let tried = 0;
for (const { made, tests } of wanted) {
  const ids = new Set(tests.map(({ id }) => id));
  const modules = Map.groupBy(tests, ({ module }) => module.moduleId);
  for (const { shown, sent } of weakenedOf(made.condition)) {
    tried++;
    vitest.provide('weakened', { ...made, sent });
    const result = await vitest.runTestSpecifications(
      [...modules].map(([moduleId, ofModule]) =>
        vitest.getRootProject().createSpecification(moduleId, { testIds: ofModule.map(({ id }) => id) }),
      ),
    );
    // A test that this run leaves out keeps its result of an earlier run.
    const ran = everyTest(result).filter((test) => ids.has(test.id) && test.result().state !== 'skipped');
    if (ran.length === 0) throw new Error(`No test ran: ${made.write}: ${shown}`);
    const by = ran.find((test) => !test.ok());
    console.log(by ? `noticed  ${made.write}: ${shown} (${by.name})` : `SURVIVED ${made.write}: ${shown}`);
    if (!by) survivors.push({ file: made.write, before: made.condition, after: shown });
  }
}
await vitest.close();

console.log(`\n${tried} parts of ${wanted.length} conditions were taken away.`);
tellSurvivors(survivors, 'test/mutation/conditions.md', (write) => wanted.some(({ made }) => made.write === write));
process.exit();
