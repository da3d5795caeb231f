import { useState } from 'react';
import { PartialFailure } from './partial-failure.ts';
import { runForEach } from './run-for-each.ts';
import { type ActionOptions, useAction } from './use-action.ts';

interface BulkActionOptions<T> extends Pick<ActionOptions<void, void>, 'done' | 'invalidates' | 'onSuccess'> {
  items: readonly T[];
  /** What the user knows an item by; no other has the same. */
  nameOf: (item: T) => string;
  /** It must be harmless to repeat. */
  run: (item: T) => Promise<unknown>;
}

/** Something that the user does in a dialog, for each of several. Those for which it was refused are left, to try again. */
export const useBulkAction = <T>({ items, nameOf, run, ...options }: BulkActionOptions<T>) => {
  const [left, setLeft] = useState(items);
  const action = useAction({
    ...options,
    run: async () => {
      try {
        await runForEach(left, nameOf, run);
      } catch (error) {
        if (error instanceof PartialFailure) setLeft(error.failures.map(({ item }) => item));
        throw error;
      }
    },
    inDialog: true,
  });
  return { ...action, left };
};
