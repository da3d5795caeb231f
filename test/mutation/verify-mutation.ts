import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, judgedIn, type Mutant, type Survivor, survivorOf } from './survivors.ts';

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
const judged = judgedIn(readFileSync('test/mutation/survivors.md', 'utf8'));
const { unjudged, gone } = compare(
  survivors,
  judged.filter(({ file }) => file in report.files),
);

const show = (title: string, all: readonly Survivor[]) => {
  if (all.length === 0) return;
  const diffs = all.map(({ file, before, after }) => `## ${file}\n- ${before}\n+ ${after}`);
  console.error(`\n${title}\n\n${diffs.join('\n')}`);
  process.exitCode = 1;
};
show('No test notices these changes, and test/mutation/survivors.md does not judge them:', unjudged);
show('test/mutation/survivors.md judges these changes, but they are gone, or a test notices them:', gone);
console.log(`\n${survivors.length} changes survive, of which ${survivors.length - unjudged.length} are judged.`);
