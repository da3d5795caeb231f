import type { RefusedAt } from './usage.ts';

/** An activation refused because a quota is used up. There is one refusal per session and reason. */
export interface Refusal {
  organizationId: string;
  product: string;
  sessionId: string;
  reason: RefusedAt['reason'];
  /** When the session was first refused, epoch ms. */
  at: number;
  userId: string;
  machineId: string;
  hostname?: string;
  /** The license quota or machine quota, and how much of it was in use. */
  quota: number;
  inUse: number;
}
