import type { AuditAction, AuditTargetType } from '../contracts/schemas/audit-event.ts';
import type { Actor } from './actor.ts';

/** Something that happened to what belongs to an organization, told once. `docs/audit.md` has an example of each action. */
export interface AuditEvent {
  /** Of the change that it was derived from: the same however often that is told. */
  id: string;
  /** When it happened, epoch ms: the change's own time where it has one. */
  at: number;
  organizationId: string;
  action: AuditAction;
  actor: Actor;
  target: { type: AuditTargetType; id: string };
  product?: string;
  /** By action. As in every answer, times are ISO 8601; no secrets, no hashes. */
  details: Record<string, unknown>;
}
