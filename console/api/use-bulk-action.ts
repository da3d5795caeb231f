import { useState } from 'react';
import { RefusedForSome } from './partial-failure.ts';
import { forEach } from './run-for-each.ts';
import { type ActionOptions, useAction } from './use-action.ts';

interface EachOptions<T> extends Pick<ActionOptions<void, void>, 'done' | 'changes' | 'afterwards'> {
  items: readonly T[];
  /** What the user knows an item by; no other has the same. */
  nameOf: (item: T) => string;
  /** It must be harmless to repeat. */
  run: (item: T) => Promise<unknown>;
}

/** Something that the user does in a dialog, for each of several. Those for which it was refused are left, to try again. */
export const useEach = <T>({ items, nameOf, run, ...options }: EachOptions<T>) => {
  const [left, setLeft] = useState(items);
  const action = useAction({
    ...options,
    run: async () => {
      try {
        await forEach(left, nameOf, run);
      } catch (error) {
        if (error instanceof RefusedForSome) setLeft(error.refusals.map(({ item }) => item));
        throw error;
      }
    },
    inDialog: true,
  });
  return { ...action, left };
};
