import type { AuditEvent } from './audit.ts';

/** A file that a caller gets: of an offline license, or of a report. */
export type Export = Pick<AuditEvent, 'target' | 'details'> & {
  /** Epoch ms. */
  at: number;
};
