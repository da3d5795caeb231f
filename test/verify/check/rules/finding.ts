import type { Call } from '../log.ts';

/** A broken guarantee, with the calls that show it. */
export interface Finding {
  rule: string;
  detail: string;
  calls: readonly Call[];
}

/** Returns the time of day of an instant (epoch ms), as findings tell it. */
export const clock = (at: number): string => (Number.isFinite(at) ? new Date(at).toISOString().slice(11, 23) : 'ever');
