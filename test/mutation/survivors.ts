import { readFileSync } from 'node:fs';

/** A change of a file's code, or of the condition of a write, that no test notices: in one line, before and after it. */
export interface Survivor {
  file: string;
  before: string;
  after: string;
}

/** The fields of a mutant of Stryker that tell it. Lines and columns count from 1. */
export interface Mutant {
  location: Record<'start' | 'end', { line: number; column: number }>;
  replacement?: string;
}

const inOneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

/** Returns the lines that a mutant changes, before and after, so that a row of survivors.md stays true when other lines move. */
export const survivorOf = (file: string, { location: { start, end }, replacement = '' }: Mutant, source: string) => {
  const lines = source.split('\n');
  const head = lines[start.line - 1]?.slice(0, start.column - 1) ?? '';
  const tail = lines[end.line - 1]?.slice(end.column - 1) ?? '';
  return {
    file,
    before: inOneLine(lines.slice(start.line - 1, end.line).join('\n')),
    after: inOneLine(head + replacement + tail),
  };
};

/** Returns the survivors that a file judges: a heading for each file, and a diff for each line with its mutants. */
const judgedIn = (markdown: string): Survivor[] => {
  const judged: Survivor[] = [];
  let file = '';
  let before = '';
  for (const line of markdown.split('\n')) {
    if (line.startsWith('## ')) file = line.slice(3);
    else if (line.startsWith('- ')) before = line.slice(2);
    else if (line.startsWith('+ ')) judged.push({ file, before, after: line.slice(2) });
  }
  return judged;
};

const keyOf = ({ file, before, after }: Survivor) => JSON.stringify([file, before, after]);

/**
 * Tells the survivors that nobody has judged, and the judged ones that survive no more. The command fails on both.
 *
 * @param judgedFile the path of the file that judges survivors
 * @param isTried whether changes of this file, or write, were tried
 */
export const tellSurvivors = (
  survivors: readonly Survivor[],
  judgedFile: string,
  isTried: (file: string) => boolean,
): void => {
  const judged = judgedIn(readFileSync(judgedFile, 'utf8')).filter(({ file }) => isTried(file));
  const without = (all: readonly Survivor[], known: readonly Survivor[]) => {
    const keys = new Set(known.map(keyOf));
    return all.filter((one) => !keys.has(keyOf(one)));
  };
  const tell = (title: string, all: readonly Survivor[]) => {
    if (all.length === 0) return;
    const diffs = all.map(({ file, before, after }) => `## ${file}\n- ${before}\n+ ${after}`);
    console.error(`\n${title}\n\n${diffs.join('\n')}`);
    process.exitCode = 1;
  };
  const unjudged = without(survivors, judged);
  tell(`No test notices these changes, and ${judgedFile} does not judge them:`, unjudged);
  tell(`${judgedFile} judges these changes, but they are gone, or a test notices them:`, without(judged, survivors));
  console.log(`\n${survivors.length} changes survive, of which ${survivors.length - unjudged.length} are judged.`);
};
