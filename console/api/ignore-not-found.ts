import { NotFound } from '../../client/index.ts';

/** For a failed removal: ignores that the item is gone already. */
export const ignoreNotFound = (error: unknown): void => {
  if (!(error instanceof NotFound)) throw error;
};
