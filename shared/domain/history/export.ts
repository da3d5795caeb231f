import type { AuditEvent } from './audit.ts';

/** The download of a file: an offline license, or a report. */
export type Export = Pick<AuditEvent, 'target' | 'details'> & {
  /** Epoch ms. */
  at: number;
};
