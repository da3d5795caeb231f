/** A change of the code that no test notices: its lines in one line, before and after it. */
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

/** Returns the survivors that survivors.md judges: a heading for each file, and a diff for each line with its mutants. */
export const judgedIn = (markdown: string): Survivor[] => {
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

/** Returns the survivors that nobody has judged, and the judged ones that survive no more. */
export const compare = (survivors: readonly Survivor[], judged: readonly Survivor[]) => {
  const without = (all: readonly Survivor[], known: readonly Survivor[]) => {
    const keys = new Set(known.map(keyOf));
    return all.filter((one) => !keys.has(keyOf(one)));
  };
  return { unjudged: without(survivors, judged), gone: without(judged, survivors) };
};
