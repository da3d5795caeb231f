import type { RefusedAt } from './usage.ts';

/** An activation that was refused because a quota was used up: told once per session and reason. */
export interface Refusal {
  organizationId: string;
  product: string;
  sessionId: string;
  reason: RefusedAt['reason'];
  /** When it was first refused, epoch ms. */
  at: number;
  userId: string;
  machineId: string;
  hostname?: string;
  /** The quota, of licenses or of machines, and how much of it was in use. */
  quota: number;
  inUse: number;
}
