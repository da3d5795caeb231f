import { InvalidArgumentError } from 'commander';

/** Returns whether a text can be an ID in a URL path, where `.` and `..` have a meaning. */
export const isName = (text: string): boolean => !['', '.', '..'].includes(text);

/** Parses an ID from the command line. */
export const parseName = (text: string): string => {
  if (!isName(text)) throw new InvalidArgumentError('Use an ID, not an empty text, `.` or `..`.');
  return text;
};

/** Parses one of several IDs from the command line. */
export const parseNames = (text: string, before: readonly string[] = []): string[] => [...before, parseName(text)];
