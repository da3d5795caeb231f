import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { titleOf } from '../api/problem-text.ts';
import { ProblemText } from '../components/problem.tsx';

interface Notify {
  /** Confirms an action. Disappears by itself. */
  done: (sentence: ReactNode) => void;
  /** Shows a failure. Stays until it is dismissed. */
  problem: (error: unknown) => void;
}

const SHOWN_MS = 8_000;

const NotifyContext = createContext<Notify | undefined>(undefined);
const NotificationsContext = createContext<readonly FlashbarProps.MessageDefinition[]>([]);

/** Returns the functions to notify the user. */
export const useNotify = (): Notify => {
  const notify = useContext(NotifyContext);
  if (!notify) throw new Error('There is nobody to notify outside of <Notifications>.');
  return notify;
};

export const Notifications = ({ children }: { children: ReactNode }) => {
  const [messages, setMessages] = useState<readonly FlashbarProps.MessageDefinition[]>([]);
  const show = useCallback((message: FlashbarProps.MessageDefinition) => {
    const id = crypto.randomUUID();
    const dismiss = () => setMessages((shown) => shown.filter((other) => other.id !== id));
    setMessages((shown) => [
      { ...message, id, ariaRole: 'status', dismissible: true, dismissLabel: 'Dismiss', onDismiss: dismiss },
      ...shown,
    ]);
    if (message.type === 'success') setTimeout(dismiss, SHOWN_MS);
  }, []);
  const notify = useMemo<Notify>(
    () => ({
      done: (content) => show({ type: 'success', content }),
      problem: (error) =>
        show({ type: 'error', header: titleOf(error), content: <ProblemText error={error} attempted /> }),
    }),
    [show],
  );
  return (
    <NotifyContext value={notify}>
      <NotificationsContext value={messages}>{children}</NotificationsContext>
    </NotifyContext>
  );
};

/** Shows the notifications. */
export const NotificationBar = () => <Flashbar items={useContext(NotificationsContext)} stackItems />;
