import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutant, survivorOf, tellSurvivors } from './survivors.ts';

const usage = `Changes the rules and the engine in every small way, and expects a test to fail for each change:
npm run verify:mutation [-- FILE…]

FILE: a file of shared/domain or shared/table. Default: what test/mutation/stryker*.config.mjs name, which takes two hours.
A change that no test notices must be judged in test/mutation/survivors.md. The reports: .local/mutation/*.json.`;

/** The folders of the code, each with the configuration that has its tests, and its report. */
const parts = [
  { folder: 'shared/domain/', config: 'stryker.config.mjs', report: 'rules.json' },
  { folder: 'shared/table/', config: 'stryker.table.config.mjs', report: 'table.json' },
];

const files = process.argv.slice(2);
if (files.some((file) => !parts.some(({ folder }) => file.startsWith(folder)))) {
  console.error(usage);
  process.exit(2);
}

const run = (command: string, args: readonly string[]) => {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
};
// Stryker has a package of its own: its 177 packages are of no use to others, and need a newer Node.
run('npm', ['ci', '--no-audit', '--no-fund', '--prefix', import.meta.dirname]);
const stryker = join(import.meta.dirname, 'node_modules/@stryker-mutator/core/bin/stryker.js');

const reports = parts.flatMap(({ folder, config, report }) => {
  const wanted = files.filter((file) => file.startsWith(folder));
  if (files.length > 0 && wanted.length === 0) return [];
  const only = wanted.length > 0 ? ['--mutate', wanted.join()] : [];
  run(process.execPath, [stryker, 'run', `test/mutation/${config}`, ...only]);
  const { files: ofPart }: { files: Record<string, { source: string; mutants: (Mutant & { status: string })[] }> } =
    JSON.parse(readFileSync(`.local/mutation/${report}`, 'utf8'));
  return Object.entries(ofPart);
});
const noticed = reports
  .flatMap(([, { mutants }]) => mutants)
  .filter(({ status }) => status === 'Killed' || status === 'Timeout');
const survivors = reports.flatMap(([file, { source, mutants }]) =>
  mutants
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map((mutant) => survivorOf(file, mutant, source)),
);
tellSurvivors(survivors, 'test/mutation/survivors.md', (file) => reports.some(([tried]) => tried === file));
const share = noticed.length / (noticed.length + survivors.length);
console.log(`Tests notice ${Math.floor(share * 100)} % of the changes.`);
// A single file may have more changes that nobody can notice.
if (files.length === 0 && share < 0.9) process.exitCode = 1;
