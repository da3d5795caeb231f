import type { Command } from 'commander';
import { exitCodeMeanings, exitCodes } from './exit-codes.ts';

const run = 'leasehold run --product KRE';

/** Examples by subcommand, for its help. */
const examples: Readonly<Record<string, readonly string[]>> = {
  '': [`${run} --wait 10m -- ./run-tests.sh`, 'leasehold status --product KRE', 'leasehold why --product KRE'],
  run: [
    `${run} -- ./run-tests.sh`,
    `${run} --wait 10m --junit leasehold.xml -- npm test`,
    'leasehold run -p KRE -w 30m --on-loss continue -- make long-report',
  ],
  activate: ['leasehold activate -p KRE -s build-4711 --json'],
  release: ['leasehold release -p KRE -s build-4711 --fence 7'],
  status: ['leasehold status -p KRE', 'leasehold status -p KRE --csv'],
  why: ['leasehold why -p KRE', 'leasehold why -p KRE --wait 10m --json'],
  subscriptions: ['leasehold subscriptions --json'],
  'users list': ['leasehold users list -p KSE', 'leasehold users list -p KSE --unused-for 30'],
  'users grant': ['leasehold users grant -p KSE ada@example.com grace@example.com'],
  'users remove': ['leasehold users remove -p KSE ada@example.com'],
  'users transfer': ['leasehold users transfer -p KSE ada@example.com grace@example.com'],
  'activations end': ['leasehold activations end -p KRE build-4711 build-4712'],
  'activations transfer': ['leasehold activations transfer -p KRE build-4711 runner-08'],
  'machines remove': ['leasehold machines remove -p KRE --block 1h runner-07'],
  'machines release': ['leasehold machines release -p KRE runner-07'],
  'offline issue': ['leasehold offline issue -p KRE --expires-at 2027-01-31T09:30:00Z press-3'],
  'offline download': ['leasehold offline download -p KRE --output press-3.lic olic_01k9z4m6c8'],
  'offline verify': ['leasehold offline verify -p KRE'],
  'api-keys create': ['leasehold api-keys create --name ci', 'leasehold api-keys create --name ci --for github'],
  usage: ['leasehold usage -p KRE --granularity day --from 2027-01-01 --csv'],
  sessions: ['leasehold sessions -p KRE --user ada@example.com --from 2027-01-01'],
  'vendor list': ['leasehold vendor list --state ending', 'leasehold vendor list --csv'],
  'vendor sell': ['leasehold vendor sell -p KRE --quota 25', 'leasehold vendor sell -p KSE --trial --dry-run'],
  'vendor renew': ['leasehold vendor renew -p KRE --until 2028-01-31'],
  'vendor resize': ['leasehold vendor resize -p KRE --quota 50'],
  'vendor suspend': ['leasehold vendor suspend -p KRE --note "Invoice 4711 is open"'],
  'vendor resume': ['leasehold vendor resume -p KRE --note ""'],
  'vendor catalogue': ['leasehold vendor catalogue', 'leasehold vendor catalogue --json'],
  'vendor catalogue set': [
    'leasehold vendor catalogue set -p KRE --name "Katalon Runtime Engine" --type floating --quota 10 --months 12',
    'leasehold vendor catalogue set -p KRE --trial-days 30 --dry-run',
  ],
  'vendor catalogue remove': ['leasehold vendor catalogue remove -p OLD'],
  'vendor audit': ['leasehold vendor audit --from 2027-01-01', 'leasehold vendor audit --product KRE --csv'],
  completion: ['leasehold completion bash'],
};

/** Returns the words of a subcommand: `users grant`; empty for the command itself. */
const wordsOf = (command: Command): string =>
  command.parent ? `${wordsOf(command.parent)} ${command.name()}`.trim() : '';

const codes = () =>
  Object.entries(exitCodes)
    .map(([kind, code]) => `  ${String(code).padEnd(4)} ${exitCodeMeanings[kind as keyof typeof exitCodes]}`)
    .join('\n');

/** Adds the examples, and to the command itself and to `run` the exit codes. */
export const withExamples = (command: Command): Command => {
  const words = wordsOf(command);
  const lines = examples[words];
  if (lines) command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`);
  if (words === '' || words === 'run') command.addHelpText('after', `\nExit codes of leasehold itself:\n${codes()}`);
  return command;
};
