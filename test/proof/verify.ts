import { models } from './models.ts';
import { missingTools, type Searched, search } from './spin.ts';
import { stepsPage } from './steps.ts';

// `npm run verify:model` searches every model in full, and every mutant until its rule breaks. `-- NAME…` takes only these
// models; `-- --steps` prints docs/proof-steps.md.

const wanted = process.argv.slice(2);
const missing = missingTools();
let surprises = 0;

const say = (result: string, { states, depth, seconds }: Searched, name: string) =>
  console.log(
    `  ${result.padEnd(10)} ${states.toLocaleString('en').padStart(12)} states ${String(depth).padStart(6)} deep ` +
      `${seconds.toFixed(1).padStart(6)} s  ${name}`,
  );

const verify = () => {
  const searched = models.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  for (const { name: model, about, runs, mutants, unreached: known = {} } of searched) {
    console.log(`\n${model}.pml: ${about}`);
    let unreached: string[] | undefined;
    for (const { name, ...run } of runs) {
      const found = search({ model, ...run });
      if (found.broken) surprises++;
      say(found.broken ? 'BROKEN' : 'exhaustive', found, name);
      if (found.broken) console.log(`             broken: ${found.broken}`);
      unreached = unreached?.filter((line) => found.unreached.includes(line)) ?? found.unreached;
    }
    for (const { name, without, breaks, defines = {}, liveness } of mutants) {
      const found = search({ model, defines: { ...defines, [name]: 1 }, liveness });
      const isExpected = found.broken === breaks;
      if (!isExpected) surprises++;
      say(isExpected ? 'fails' : 'SURPRISE', found, `without ${without}`);
      if (!isExpected) console.log(`             expected: ${breaks}, found: ${found.broken ?? 'nothing'}`);
    }
    const surprising = (unreached ?? []).filter((line) => !Object.keys(known).some((part) => line.includes(part)));
    surprises += surprising.length;
    for (const line of surprising) console.log(`  UNREACHED  ${line}`);
  }
  const count = searched.reduce((sum, { mutants }) => sum + mutants.length, 0);
  console.log(
    surprises > 0 ? `\n${surprises} surprises.` : `\nNo rule was broken, and each of ${count} mutants breaks one.`,
  );
};

if (wanted.includes('--steps')) process.stdout.write(stepsPage());
else if (missing) {
  console.error(missing);
  process.exitCode = 2;
} else {
  verify();
  process.exitCode = surprises > 0 ? 1 : 0;
}
