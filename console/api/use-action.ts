import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useRef } from 'react';
import { useNotify } from '../shell/notifications.tsx';

export interface ActionOptions<Input, Output> {
  run: (input: Input) => Promise<Output>;
  /** Returns the notification after success; undefined if the page itself shows the result. */
  done: (output: Output, input: Input) => ReactNode | undefined;
  /** The query keys to refresh, also after a failure: its answer may be lost. */
  invalidates: readonly (readonly unknown[])[];
  /** Shows the error in the dialog instead of a notification. */
  inDialog?: boolean;
  /** Called after success: closes the dialog or opens another page. */
  onSuccess?: (output: Output) => void;
}

/**
 * An action of the user, with a notification of its result. Never runs twice at once.
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
  // A ref, as a second click may come before the page has re-rendered.
  const busy = useRef(false);
  const { mutate, isPending, error } = useMutation({
    mutationFn: run,
    onSuccess: (output, input) => {
      const sentence = done(output, input);
      if (sentence !== undefined) notify.done(sentence);
      onSuccess?.(output);
    },
    onError: inDialog ? undefined : notify.problem,
    // Not awaited: the notification comes before the refresh ends.
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
    /** The error of the last run, until the next one begins. */
    error,
  };
};
