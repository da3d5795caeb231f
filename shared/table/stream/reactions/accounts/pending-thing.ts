import { rightLingersMs } from '../../due-checks.ts';
import type { Reactions } from '../../reactions.ts';

/** A thing was put as pending. */
export const pendingThing: Reactions<'pending-thing'> = {
  /** Once its request is over: delete the thing, if it is still pending. */
  unmade: ({ key, at }) => ({ kind: 'pending-thing', at: at + rightLingersMs, key }),
};
