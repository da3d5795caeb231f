import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { compare, judgedIn, type Survivor, survivorOf } from './survivors.ts';

const usage = `Changes the pure rules in every small way, and expects a test of test/domain to fail for each change:
npm run verify:mutation [-- FILE…]

FILE: a file of shared/domain; all files of test/mutation/stryker.config.mjs by default.
A change that no test notices must be judged in test/mutation/survivors.md. The report: .local/mutation/report.json.`;

const files = process.argv.slice(2);
if (files.some((file) => file.startsWith('-'))) {
  console.error(usage);
  process.exit(2);
}

// Sets the exit code to 1 itself if the score is below the threshold.
const mutants = await new Stryker({
  configFile: 'test/mutation/stryker.config.mjs',
  ...(files.length > 0 ? { mutate: files } : {}),
}).runMutationTest();

const name = (file: string) => relative(process.cwd(), file);
const mutated = new Set(mutants.map(({ fileName }) => name(fileName)));
const survivors = mutants
  .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
  .map((mutant) => survivorOf({ ...mutant, fileName: name(mutant.fileName) }, readFileSync(mutant.fileName, 'utf8')));
const judged = judgedIn(readFileSync('test/mutation/survivors.md', 'utf8'));
const { unjudged, gone } = compare(
  survivors,
  judged.filter(({ file }) => mutated.has(file)),
);

const show = (title: string, all: readonly Survivor[]) => {
  if (all.length === 0) return;
  const diffs = all.map(({ file, before, after }) => `## ${file}\n- ${before}\n+ ${after}`);
  console.error(`\n${title}\n\n${diffs.join('\n')}`);
  process.exitCode = 1;
};
show('No test notices these changes, and test/mutation/survivors.md does not judge them:', unjudged);
show('test/mutation/survivors.md judges these changes, but they are gone, or a test notices them:', gone);
console.log(
  `\n${mutants.length} mutants, ${survivors.length} survive, of which ${survivors.length - unjudged.length} are judged.`,
);
