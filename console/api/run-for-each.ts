import pMap from 'p-map';
import { type ItemFailure, PartialFailure } from './partial-failure.ts';
import { isSignInEnded } from './problem-text.ts';

/** How many requests are under way at once. */
const concurrency = 8;

/**
 * Runs an action on each item, even if it fails for some. Repeating must be harmless: after the end of a sign-in the user repeats
 * all items.
 *
 * @param nameOf returns the unique name that the user knows
 * @throws PartialFailure after all items; for a single item, or if the sign-in has ended, the error itself
 */
export const runForEach = async <T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  run: (item: T) => Promise<unknown>,
): Promise<void> => {
  const failures: ItemFailure<T>[] = [];
  await pMap(items, (item) => run(item).catch((error: unknown) => failures.push({ item, name: nameOf(item), error })), {
    concurrency,
  });
  const [first] = failures;
  if (!first) return;
  const { error } = failures.find((failure) => isSignInEnded(failure.error)) ?? first;
  if (items.length === 1 || isSignInEnded(error)) throw error;
  throw new PartialFailure(items.length, failures);
};
