import { useState } from 'react';
import { useAction } from '../../api/use-action.ts';
import { emailsIn } from './emails.ts';

/** The most addresses in one request. */
const MAX_PER_REQUEST = 50;

interface EmailBatchOptions<Outcome> {
  /** Sends one request. */
  ask: (emails: string[]) => Promise<{ items: readonly Outcome[] }>;
  invalidates: readonly (readonly unknown[])[];
  onClose: () => void;
}

/**
 * Runs an action in a dialog on all email addresses of a text, and returns the outcome of each. If a request fails, the earlier
 * outcomes are kept, and the text has the remaining addresses.
 */
export const useEmailBatch = <Outcome>({ ask, invalidates, onClose }: EmailBatchOptions<Outcome>) => {
  const [text, setText] = useState('');
  const [completed, setCompleted] = useState<readonly Outcome[]>([]);
  const [finished, setFinished] = useState(false);
  const emails = emailsIn(text);
  const action = useAction({
    run: async () => {
      for (let from = 0; from < emails.length; from += MAX_PER_REQUEST) {
        const part = emails.slice(from, from + MAX_PER_REQUEST);
        const { items } = await ask(part);
        setCompleted((before) => [...before, ...items]);
        setText((now) =>
          emailsIn(now)
            .filter((email) => !part.includes(email))
            .join('\n'),
        );
      }
    },
    done: () => undefined,
    invalidates,
    inDialog: true,
    onSuccess: () => setFinished(true),
  });
  return {
    text,
    setText,
    emails,
    action,
    /** The number of completed addresses. */
    completed: completed.length,
    /** The outcomes, once all is done. */
    outcomes: finished ? completed : undefined,
    /** Skips the remaining addresses; shows the outcomes so far first. */
    onDismiss: () => (completed.length > 0 ? setFinished(true) : onClose()),
  };
};
