import type { ConsoleConfig } from '../config.ts';

/** Reads the configuration of this deployment: the page is the same everywhere, this file is not. */
export const readConfig = async (): Promise<ConsoleConfig> => {
  const response = await fetch('/config.json');
  if (!response.ok) throw new Error(`/config.json answered ${response.status}: the page is not set up completely.`);
  return response.json();
};
