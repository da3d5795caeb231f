import { useState } from 'react';
import { useAction } from '../../api/use-action.ts';
import { emailsIn } from './emails.ts';

/** As many as one request takes. */
const AT_ONCE = 50;

interface EachEmailOptions<Outcome> {
  /** One request. */
  ask: (emails: string[]) => Promise<{ items: readonly Outcome[] }>;
  changes: readonly (readonly unknown[])[];
  onClose: () => void;
}

/**
 * Does something in a dialog for all email addresses of a text, and tells what became of each. Should a request fail, what was
 * answered before is kept, and the text has those that are left.
 */
export const useEachEmail = <Outcome>({ ask, changes, onClose }: EachEmailOptions<Outcome>) => {
  const [text, setText] = useState('');
  const [answered, setAnswered] = useState<readonly Outcome[]>([]);
  const [over, setOver] = useState(false);
  const emails = emailsIn(text);
  const action = useAction({
    run: async () => {
      for (let from = 0; from < emails.length; from += AT_ONCE) {
        const part = emails.slice(from, from + AT_ONCE);
        const { items } = await ask(part);
        setAnswered((before) => [...before, ...items]);
        setText((now) =>
          emailsIn(now)
            .filter((email) => !part.includes(email))
            .join('\n'),
        );
      }
    },
    done: () => undefined,
    changes,
    inDialog: true,
    afterwards: () => setOver(true),
  });
  return {
    text,
    setText,
    emails,
    action,
    /** How many of the text as it was first are done. */
    answered: answered.length,
    /** What became of each, once there is nothing more to do. */
    outcomes: over ? answered : undefined,
    /** Leaves the rest: what became of the others is told first. */
    leave: () => (answered.length > 0 ? setOver(true) : onClose()),
  };
};
