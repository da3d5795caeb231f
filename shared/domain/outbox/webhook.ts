import type { DeliveryAction, DeliveryStatus } from '../../contracts/schemas/webhook.ts';
import type { AuditEvent } from '../history/audit.ts';
import type { Retried } from './retry-schedule.ts';

/** Where an organization's events are sent to. Times are epoch ms. */
export interface Webhook {
  id: string;
  organizationId: string;
  url: string;
  /** Patterns: `*`, `<noun>.*`, or an action. */
  events: string[];
  createdAt: number;
  /** The challenge that the target must answer to get events; absent on a webhook from before challenges existed. */
  challenge?: string;
  /** When the target answered the challenge. */
  confirmedAt?: number;
  /** Its target answered that it is gone. */
  disabledAt?: number;
  removedAt?: number;
  /** Grows with each rotation of this webhook's secret. */
  secretVersion: number;
  /**
   * The version of the service's secret for webhooks behind this webhook's secret; a rotation of the service's secret does
   * not change it. Absent: 0.
   */
  derivedFrom?: number;
  /** The same for the version before `secretVersion`. */
  formerDerivedFrom?: number;
  /** Until when the version before signs, too. */
  formerSecretUntil?: number;
  /** The name of the last rotation: its idempotency key, hashed, or a random text. */
  rotation?: string;
}

/** Whether anything is sent to a webhook. */
export const isOpen = ({ disabledAt, removedAt }: Webhook): boolean =>
  disabledAt === undefined && removedAt === undefined;

/** Returns since when a webhook gets events, epoch ms; undefined while its target has not confirmed. */
export const confirmedSince = ({
  challenge,
  confirmedAt,
  createdAt,
}: Pick<Webhook, 'challenge' | 'confirmedAt' | 'createdAt'>): number | undefined =>
  challenge === undefined ? createdAt : confirmedAt;

/** The times of some events are to the second. */
const roundingMs = 1000;

/** Returns whether a webhook gets an event: it asked for the action, and the event is not older than its confirmation. */
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

/** A version of a webhook's secret, and the version of the service's secret behind it. */
export interface SigningVersion {
  secretVersion: number;
  derivedFrom: number;
}

/** Returns the versions of a webhook's secret that sign now, newest first: two for a while after a rotation. */
export const signingVersions = (webhook: Webhook, now: number): [SigningVersion, ...SigningVersion[]] => {
  const { secretVersion, derivedFrom = 0, formerSecretUntil, formerDerivedFrom = 0 } = webhook;
  const newest = { secretVersion, derivedFrom };
  if (formerSecretUntil === undefined || formerSecretUntil <= now) return [newest];
  return [newest, { secretVersion: secretVersion - 1, derivedFrom: formerDerivedFrom }];
};

/** A target's answer: an HTTP status, or an error if there is no answer, or a wrong one. */
export type TargetAnswer = { status: number; error?: string } | { error: string };

/** One event for one webhook, or its challenge. */
export interface Delivery extends Retried<Exclude<DeliveryStatus, 'pending'>> {
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

/** Returns whether an answer's body is the challenge, as text or as `{"challenge": "…"}`; an echo of the message is not. */
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
