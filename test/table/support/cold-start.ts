/** The functions of the tables' tests. */
interface Functions {
  'follow-changes': typeof import('../../../functions/follow-changes.ts');
  'settle-due': typeof import('../../../functions/settle-due.ts');
}

let starts = 0;

/**
 * Imports a function anew, as Lambda starts a new instance. An instance keeps the table that its first call opened, and each test
 * file has a table of its own.
 */
export const coldStart = <File extends keyof Functions>(file: File): Promise<Functions[File]> =>
  import(/* @vite-ignore */ `../../../functions/${file}.ts?start=${++starts}`);
