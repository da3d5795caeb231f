import { useEffect, useState } from 'react';

const DEBOUNCE_MS = 300;

/** Returns a typed value after a moment without changes, to save a request for each key press. */
export const useDebounced = <T>(typed: T): T => {
  const [debounced, setDebounced] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setDebounced(typed), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return debounced;
};
