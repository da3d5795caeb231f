import { NotFound } from '../../client/index.ts';

/** For a removal that failed: what is gone already, by itself or by somebody else, is as it was to be. */
export const ignoreNotFound = (error: unknown): void => {
  if (!(error instanceof NotFound)) throw error;
};
