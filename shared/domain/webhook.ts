import type { AuditAction } from '../contracts/schemas/audit-event.ts';
import type { DeliveryStatus } from '../contracts/schemas/webhook.ts';
import type { AuditEvent } from './audit.ts';
import type { Attempted } from './retry-schedule.ts';

/** Where an organization's events are sent to. Times are epoch ms. */
export interface Webhook {
  id: string;
  organizationId: string;
  url: string;
  /** Patterns: `*`, `<noun>.*`, or an action. */
  events: string[];
  createdAt: number;
  /** Its target answered that it is gone. */
  disabledAt?: number;
  removedAt?: number;
  /** Grows with each rotation; what the secret of a version is, the service's own secret says. */
  secretVersion: number;
  /** Until when the version before signs, too. */
  formerSecretUntil?: number;
  /** Names the last rotation: its idempotency key, hashed, or a random text. */
  rotation?: string;
}

/** Whether anything is sent to a webhook. */
export const isOpen = ({ disabledAt, removedAt }: Webhook): boolean =>
  disabledAt === undefined && removedAt === undefined;

/** The times of some events are to the second. */
const roundingMs = 1000;

/** Whether a webhook is to get an event: one that it asked for, and that is not older than it is. */
export const wants = (
  { events, createdAt }: Pick<Webhook, 'events' | 'createdAt'>,
  { action, at }: Pick<AuditEvent, 'action' | 'at'>,
): boolean =>
  at >= createdAt - roundingMs &&
  events.some(
    (pattern) =>
      pattern === '*' || pattern === action || (pattern.endsWith('.*') && action.startsWith(pattern.slice(0, -1))),
  );

/** The versions of a webhook's secret that sign now: two for a time after a rotation. */
export const signingVersions = ({ secretVersion, formerSecretUntil }: Webhook, now: number): number[] =>
  formerSecretUntil !== undefined && formerSecretUntil > now ? [secretVersion, secretVersion - 1] : [secretVersion];

/** What a target answered: an HTTP status, or the reason why there is none. */
export type TargetAnswer = { status: number } | { error: string };

/** One event for one webhook. */
export interface Delivery extends Attempted<Exclude<DeliveryStatus, 'pending'>> {
  id: string;
  organizationId: string;
  webhookId: string;
  event: { id: string; action: AuditAction };
  /** What is sent, the same in each attempt. */
  payload: string;
  lastAnswer?: TargetAnswer & { at: number };
}

/** Whether a target took what was sent. A redirect is not followed, so it did not. */
export const isTaken = (answer: TargetAnswer): boolean =>
  'status' in answer && answer.status >= 200 && answer.status < 300;

/** Whether a target says that nothing should be sent to it any more. */
export const isGone = (answer: TargetAnswer): boolean => 'status' in answer && answer.status === 410;
