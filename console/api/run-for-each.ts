import { type ItemFailure, PartialFailure } from './partial-failure.ts';
import { isSignInEnded } from './problem-text.ts';

/**
 * Does something for each of several, also if it is refused for some. What is done so must be harmless to repeat: where the
 * sign-in has ended, the user tries again, for all of them.
 *
 * @param nameOf what the user knows an item by; no other has the same
 * @throws RefusedForSome after all were tried; of only one, and if the sign-in has ended, what it was refused with
 */
export const runForEach = async <T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  run: (item: T) => Promise<unknown>,
): Promise<void> => {
  const failures: ItemFailure<T>[] = [];
  await Promise.all(
    items.map((item) => run(item).catch((error: unknown) => failures.push({ item, name: nameOf(item), error }))),
  );
  const [first] = failures;
  if (!first) return;
  const { error } = failures.find((failure) => isSignInEnded(failure.error)) ?? first;
  if (items.length === 1 || isSignInEnded(error)) throw error;
  throw new PartialFailure(items.length, failures);
};
