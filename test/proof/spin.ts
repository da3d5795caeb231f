import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A search of a model's states. */
interface Search {
  model: string;
  /** The model's constants, and the mutant's switch. */
  defines: Readonly<Record<string, number>>;
  /** The name of the model's LTL formula: looks for cycles in which it fails, under weak fairness. */
  liveness?: string;
  /** Whether the search is so small that to compile it takes longer. */
  small?: boolean;
}

export interface Searched {
  /** The broken rule; undefined if the search found none. */
  broken?: string;
  states: number;
  depth: number;
  seconds: number;
  /** The statements that no state reached: file, line, process and text. */
  unreached: string[];
}

/** The commands that the proof needs. Returns how to install the missing ones, or undefined. */
export const missingTools = (): string | undefined => {
  const isThere = (command: string, flag: string) => spawnSync(command, [flag]).error === undefined;
  return isThere('spin', '-V') && isThere('gcc', '--version')
    ? undefined
    : 'The models are checked by Spin, which needs a C compiler: apt-get install spin gcc libc6-dev';
};

/** The deepest path, in steps. A search that needs more fails. */
const depth = 1_000_000;

/**
 * Searches all states of a model in a temporary directory.
 *
 * @throws if Spin or the compiler refuses the model, or if the search was cut short
 */
export const search = ({ model, defines, liveness, small = false }: Search): Searched => {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-proof-'));
  try {
    const file = join(import.meta.dirname, `${model}.pml`);
    const given = Object.entries(defines).map(([name, value]) => `-D${name}=${value}`);
    const run = (command: string, args: string[]) => execFileSync(command, args, { cwd: folder, encoding: 'utf8' });
    run('spin', ['-a', ...given, file]);
    const kind = liveness === undefined ? '-DSAFETY' : '-DNFAIR=4';
    run('gcc', [small ? '-O0' : '-O1', '-w', kind, '-DCOLLAPSE', '-o', 'pan', 'pan.c']);
    const begun = performance.now();
    const options = liveness === undefined ? ['-E'] : ['-a', '-f'];
    const output = run('./pan', [`-m${depth}`, ...options]);
    return read(output, (performance.now() - begun) / 1000, liveness);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Reads the report of a search. */
const read = (output: string, seconds: number, liveness: string | undefined): Searched => {
  const [, states] = /([\d.e+]+) states, stored/.exec(output) ?? [];
  const [, reached] = /depth reached (\d+)/.exec(output) ?? [];
  if (
    states === undefined ||
    reached === undefined ||
    /max search depth too small|out of memory|interrupted/.test(output)
  )
    throw new Error(`The search is not complete:\n${output}`);
  const violated = /^pan:\d+: (.*)$/m.exec(output)?.[1];
  const unreached = [...output.matchAll(/^unreached in (.*)\n((?:\t.*\n)*)/gm)].flatMap(([, process, lines = '']) =>
    [...lines.matchAll(/^\t\S*?([\w-]+\.pml:\d+), state \d+, "(.*)"$/gm)]
      // A process that never ends does not reach its end.
      .filter(([, , text]) => text !== '-end-')
      .map(([, place, text]) => `${place} (${process}) ${text}`),
  );
  return {
    ...(violated !== undefined && {
      broken: violated.startsWith('acceptance cycle') ? (liveness ?? '') : ruleOf(violated),
    }),
    states: Number(states),
    depth: Number(reached),
    seconds,
    unreached,
  };
};

/** `MUST(rule, condition)` puts the rule's name last into the text of its assertion. */
const ruleOf = (violated: string): string => /\|\|(\w+)\) \(at depth/.exec(violated)?.[1] ?? violated;
