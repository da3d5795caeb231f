import { InvalidArgumentError } from 'commander';

/** Whether a text can name something in an address of the service: `.` and `..` are directions there. */
export const isName = (text: string): boolean => !['', '.', '..'].includes(text);

/** Parses an argument that names something. */
export const parseName = (text: string): string => {
  if (!isName(text)) throw new InvalidArgumentError('It must be a name.');
  return text;
};

/** Parses one of several such arguments, after those before it. */
export const parseNames = (text: string, before: readonly string[] = []): string[] => [...before, parseName(text)];
