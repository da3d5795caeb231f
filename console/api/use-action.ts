import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useRef } from 'react';
import { useNotify } from '../shell/notifications.tsx';

export interface ActionOptions<Input, Output> {
  run: (input: Input) => Promise<Output>;
  /** What to tell the user when it is done; nothing, if the page shows it where it was asked for. */
  done: (output: Output, input: Input) => ReactNode | undefined;
  /** The keys of what is shown that it changes: these are asked for again, also after a failure, which may be a lost answer. */
  invalidates: readonly (readonly unknown[])[];
  /** Where it is asked for, a dialog say, the refusal is shown, too. */
  inDialog?: boolean;
  /** What comes after it: the dialog closes, another page opens. */
  onSuccess?: (output: Output) => void;
}

/**
 * Something that the user does. It is told when it is done, or with its reason if it was refused; it never runs twice at
 * once.
 */
export const useAction = <Input = void, Output = unknown>({
  run,
  done,
  invalidates,
  inDialog = false,
  onSuccess,
}: ActionOptions<Input, Output>) => {
  const notify = useNotify();
  const queries = useQueryClient();
  // Known at once: a second click may come before the page has shown that it runs.
  const busy = useRef(false);
  const { mutate, isPending, error } = useMutation({
    mutationFn: run,
    onSuccess: (output, input) => {
      const sentence = done(output, input);
      if (sentence !== undefined) notify.done(sentence);
      onSuccess?.(output);
    },
    onError: inDialog ? undefined : notify.problem,
    // Not waited for: what came of it is told before all that it changed has been asked for again.
    onSettled: () => {
      busy.current = false;
      for (const queryKey of invalidates) void queries.invalidateQueries({ queryKey });
    },
  });
  return {
    run: (input: Input) => {
      if (busy.current) return;
      busy.current = true;
      mutate(input);
    },
    running: isPending,
    /** Of the last time, until the next one begins. */
    error,
  };
};
