import { useState } from 'react';
import { useAction } from '../../api/use-action.ts';
import { emailsIn } from './emails.ts';

/** As many as one request takes. */
const MAX_PER_REQUEST = 50;

interface EmailBatchOptions<Outcome> {
  /** One request. */
  ask: (emails: string[]) => Promise<{ items: readonly Outcome[] }>;
  invalidates: readonly (readonly unknown[])[];
  onClose: () => void;
}

/**
 * Does something in a dialog for all email addresses of a text, and tells what became of each. Should a request fail, what was
 * answered before is kept, and the text has those that are left.
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
    /** How many of the text as it was first are done. */
    completed: completed.length,
    /** What became of each, once there is nothing more to do. */
    outcomes: finished ? completed : undefined,
    /** Leaves the rest: what became of the others is told first. */
    onDismiss: () => (completed.length > 0 ? setFinished(true) : onClose()),
  };
};
