import type { DeliveryAction, DeliveryStatus } from '../../contracts/schemas/webhook.ts';
import { type AuditEvent, covers } from '../history/audit.ts';
import type { Retried } from './retry-schedule.ts';

/** A target of an organization's events. Times are epoch ms. */
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
  /** When the target answered that it is gone. */
  disabledAt?: number;
  removedAt?: number;
  /** Grows with each rotation of this webhook's secret. */
  secretVersion: number;
  /**
   * The version of the service's secret for webhooks from which this webhook's secret derives. A rotation of the service's
   * secret does not change it. Absent: 0.
   */
  derivedFrom?: number;
  /** The same for the secret before this one. */
  formerDerivedFrom?: number;
  /** Until when the secret before this one signs, too. */
  formerSecretUntil?: number;
  /** Identifies the last rotation: its idempotency key, hashed, or a random text. */
  rotation?: string;
  /** Identifies the rotations before it, the latest last. */
  formerRotations?: string[];
  /** Names the making of a webhook that is not complete: nobody knows its secret yet. */
  pending?: string;
}

/** Returns whether a webhook is in use: made, and neither disabled nor removed. */
export const isOpen = ({ pending, disabledAt, removedAt }: Webhook): boolean =>
  pending === undefined && disabledAt === undefined && removedAt === undefined;

/** Returns since when a webhook gets events, epoch ms; undefined while its target has not confirmed. */
export const confirmedSince = ({
  challenge,
  confirmedAt,
  createdAt,
}: Pick<Webhook, 'challenge' | 'confirmedAt' | 'createdAt'>): number | undefined =>
  challenge === undefined ? createdAt : confirmedAt;

/** The times of some events are rounded to the second. */
const roundingMs = 1000;

/**
 * Returns whether a webhook gets an event: it subscribes to the action, and the event is not older than its confirmation.
 */
export const wants = (webhook: Webhook, { action, at }: Pick<AuditEvent, 'action' | 'at'>): boolean => {
  const confirmedAt = confirmedSince(webhook);
  return (
    confirmedAt !== undefined &&
    at >= confirmedAt - roundingMs &&
    webhook.events.some((pattern) => covers(pattern, action))
  );
};

/** A version of a webhook's secret, and the version of the service's secret from which it derives. */
export interface SigningVersion {
  secretVersion: number;
  derivedFrom: number;
}

/**
 * Returns the versions of a webhook's secret that sign at `now` (epoch ms), newest first: two for a while after a
 * rotation.
 */
export const signingVersions = (webhook: Webhook, now: number): [SigningVersion, ...SigningVersion[]] => {
  const { secretVersion, derivedFrom = 0, formerSecretUntil, formerDerivedFrom = 0 } = webhook;
  const newest = { secretVersion, derivedFrom };
  if (formerSecretUntil === undefined || formerSecretUntil <= now) return [newest];
  return [newest, { secretVersion: secretVersion - 1, derivedFrom: formerDerivedFrom }];
};

/** A target's answer: an HTTP status, with the beginning of a refusal's body; or an error if there is no answer or a wrong one. */
export type TargetAnswer = { status: number; error?: string; body?: string } | { error: string };

/** The delivery of one event, or of the challenge, to one webhook. */
export interface Delivery extends Retried<Exclude<DeliveryStatus, 'pending'>> {
  id: string;
  organizationId: string;
  webhookId: string;
  event: { id: string; action: DeliveryAction };
  /** The body, the same in each attempt. */
  payload: string;
  lastAnswer?: TargetAnswer & { at: number };
}

/** Returns whether a target accepted a delivery. A redirect is no acceptance: the service does not follow it. */
export const isTaken = (answer: TargetAnswer): boolean =>
  'status' in answer && answer.status >= 200 && answer.status < 300 && answer.error === undefined;

/**
 * Returns whether the body of an answer is the challenge, as text or as `{"challenge": "…"}`. An echo of the whole
 * message is no answer.
 */
export const answersChallenge = (body: string, challenge: string): boolean => {
  if (body.trim() === challenge) return true;
  try {
    const { challenge: answered, ...more } = JSON.parse(body);
    return answered === challenge && Object.keys(more).length === 0;
  } catch {
    return false;
  }
};

/** Returns whether a target answered 410: the service then sends nothing more to it. */
export const isGone = (answer: TargetAnswer): boolean => 'status' in answer && answer.status === 410;
