import { useEffect, useState } from 'react';

const DEBOUNCE_MS = 300;

/** What is typed, once nothing more was typed for a moment: each key press would be a question of its own to the service. */
export const useDebounced = <T>(typed: T): T => {
  const [debounced, setDebounced] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setDebounced(typed), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return debounced;
};
