import type { Reactions } from '../../reactions.ts';
import { newlyRetained } from '../../retention.ts';

/** A caller gets a file: of an offline license, or of a report. */
export const exported: Reactions<'export'> = {
  event: ({ before, after: { target, at, details } }) => {
    if (before) return undefined;
    const action = target.type === 'report' ? 'report.exported' : 'offline-license.downloaded';
    return { action, target, at, details };
  },

  retention: (change) => newlyRetained(change, ({ at }) => ({ since: at, unchanged: { at } })),
};
