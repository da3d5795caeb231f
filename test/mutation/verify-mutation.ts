import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutant, survivorOf, tellSurvivors } from './survivors.ts';

const usage = `Changes the pure rules in every small way, and expects a test of test/domain to fail for each change:
npm run verify:mutation [-- FILE…]

FILE: a file of shared/domain; all files of test/mutation/stryker.config.mjs by default.
A change that no test notices must be judged in test/mutation/survivors.md. The report: .local/mutation/report.json.`;

const files = process.argv.slice(2);
if (files.some((file) => file.startsWith('-'))) {
  console.error(usage);
  process.exit(2);
}

const only = files.length > 0 ? ['--mutate', files.join()] : [];
const run = (command: string, args: readonly string[]) => {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
};
// Stryker has a package of its own: its 177 packages are of no use to others, and need a newer Node.
run('npm', ['ci', '--no-audit', '--no-fund', '--prefix', import.meta.dirname]);
const stryker = join(import.meta.dirname, 'node_modules/@stryker-mutator/core/bin/stryker.js');
run(process.execPath, [stryker, 'run', 'test/mutation/stryker.config.mjs', ...only]);

const report: { files: Record<string, { source: string; mutants: (Mutant & { status: string })[] }> } = JSON.parse(
  readFileSync('.local/mutation/report.json', 'utf8'),
);
const survivors = Object.entries(report.files).flatMap(([file, { source, mutants }]) =>
  mutants
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map((mutant) => survivorOf(file, mutant, source)),
);
tellSurvivors(survivors, 'test/mutation/survivors.md', (file) => file in report.files);
