import type { DeliveryAction, DeliveryStatus } from '../contracts/schemas/webhook.ts';
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
  /** What its target has to answer before it gets events; absent of one that was made before that was asked for. */
  challenge?: string;
  /** When that was answered. */
  confirmedAt?: number;
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

/** Since when a webhook gets events, epoch ms; undefined while its target has not confirmed that it wants them. */
export const confirmedSince = ({
  challenge,
  confirmedAt,
  createdAt,
}: Pick<Webhook, 'challenge' | 'confirmedAt' | 'createdAt'>): number | undefined =>
  challenge === undefined ? createdAt : confirmedAt;

/** The times of some events are to the second. */
const roundingMs = 1000;

/** Whether a webhook is to get an event: one that it asked for, and that is not older than its confirmation. */
export const wants = (webhook: Webhook, { action, at }: Pick<AuditEvent, 'action' | 'at'>): boolean => {
  const since = confirmedSince(webhook);
  return (
    since !== undefined &&
    at >= since - roundingMs &&
    webhook.events.some(
      (pattern) =>
        pattern === '*' || pattern === action || (pattern.endsWith('.*') && action.startsWith(pattern.slice(0, -1))),
    )
  );
};

/** The versions of a webhook's secret that sign now: two for a time after a rotation. */
export const signingVersions = ({ secretVersion, formerSecretUntil }: Webhook, now: number): number[] =>
  formerSecretUntil !== undefined && formerSecretUntil > now ? [secretVersion, secretVersion - 1] : [secretVersion];

/** What a target answered: an HTTP status, or the reason why there is none, or why the answer does not do. */
export type TargetAnswer = { status: number; error?: string } | { error: string };

/** One event for one webhook, or its challenge. */
export interface Delivery extends Attempted<Exclude<DeliveryStatus, 'pending'>> {
  id: string;
  organizationId: string;
  webhookId: string;
  event: { id: string; action: DeliveryAction };
  /** What is sent, the same in each attempt. */
  payload: string;
  lastAnswer?: TargetAnswer & { at: number };
}

/** Whether a target took what was sent. A redirect is not followed, so it did not. */
export const isTaken = (answer: TargetAnswer): boolean =>
  'status' in answer && answer.status >= 200 && answer.status < 300 && answer.error === undefined;

/** Whether the body of an answer is the challenge, as text or as `{"challenge": "…"}`: an echo of the message is not. */
export const answersChallenge = (body: string, challenge: string): boolean => {
  if (body.trim() === challenge) return true;
  try {
    const { challenge: answered, ...more } = JSON.parse(body);
    return answered === challenge && Object.keys(more).length === 0;
  } catch {
    return false;
  }
};

/** Whether a target says that nothing should be sent to it any more. */
export const isGone = (answer: TargetAnswer): boolean => 'status' in answer && answer.status === 410;
