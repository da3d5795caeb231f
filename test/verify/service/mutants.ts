import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import mutants from './mutants.json' with { type: 'json' };

const root = join(import.meta.dirname, '../../..');

/** A planted bug: a fragment of a source file, and its replacement. */
export interface Mutant {
  number: number;
  what: string;
  file: string;
  fragment: string;
  replacement: string;
}

export const allMutants: readonly Mutant[] = mutants.map((mutant, index) => ({ number: index + 1, ...mutant }));

/** Returns how often a mutant's fragment is in its file: once, or the mutant can't be planted. */
export const occurrences = ({ file, fragment }: Mutant): number =>
  readFileSync(join(root, file), 'utf8').split(fragment).length - 1;
