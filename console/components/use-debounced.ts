import { useEffect, useState } from 'react';

const SETTLED_MS = 300;

/** What is typed, once nothing more was typed for a moment: each key press would be a question of its own to the service. */
export const useSettled = <T>(typed: T): T => {
  const [settled, setSettled] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return settled;
};
