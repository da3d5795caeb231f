import type { ConsoleConfig } from '../config.ts';

/** Reads where this page runs, and whom people sign in with. The page is the same everywhere; this file is not. */
export const readConfig = async (): Promise<ConsoleConfig> => {
  const response = await fetch('/config.json');
  if (!response.ok) throw new Error(`/config.json answered ${response.status}: the page is not set up completely.`);
  return response.json();
};
