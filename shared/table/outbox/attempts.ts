import { createHash, randomBytes } from 'node:crypto';
import { encodeTime } from 'ulid';
import { checkAttemptsAt, maxAttempts, nextAttemptAt, type Retried } from '../../domain/outbox/retry-schedule.ts';
import type { Key } from '../store/keys.ts';
import { base36 } from '../store/secrets.ts';
import { getItem, remove, type Table, update } from '../store/table.ts';

/** Returns a message's ID: sorts by a time (epoch ms), and is the same for the same text. */
export const messageId = (prefix: 'dlv' | 'mail', at: number, text: string): string => {
  const own = base36(createHash('sha256').update(text).digest());
  return `${prefix}_${encodeTime(Math.max(0, at), 10).toLowerCase()}${own.slice(0, 16)}`;
};

/**
 * Begins an attempt, unless it was begun before. The same write plans the next attempt: if the sender dies, the message is
 * sent again. By the attempt's name its author recognizes its own earlier try.
 *
 * @param attempts the number of attempts before this one was requested
 */
export const beginAttempt = async <T extends Retried>(
  table: Table,
  key: Key<T>,
  { attempts, now, random = Math.random() }: { attempts: number; now: number; random?: number },
): Promise<T | undefined> => {
  const attemptId = randomBytes(6).toString('base64url');
  const { item: begun } = await update(table, {
    Key: key,
    UpdateExpression: 'SET attempts = attempts + :one, nextAttemptAt = :next, attemptId = :attemptId',
    ConditionExpression: '#status = :pending AND attempts = :attempts AND attempts < :most',
    ExpressionAttributeValues: {
      ':one': 1,
      ':next': nextAttemptAt(attempts + 1, now, random),
      ':pending': 'pending',
      ':attempts': attempts,
      ':most': maxAttempts,
      ':attemptId': attemptId,
    },
  });
  return begun?.attemptId === attemptId && begun.status === 'pending' ? begun : undefined;
};

/**
 * Notes the result of an attempt. If another attempt has begun since, only an attempt that reached its target is noted.
 *
 * @param options.settled the message's final status; undefined: it is attempted again at its time
 */
export const noteAttempt = async (
  table: Table,
  key: Key,
  attempts: number,
  { answer, settled, reached, now }: { answer: object; settled?: string; reached: boolean; now: number },
): Promise<void> => {
  await update(table, {
    Key: key,
    UpdateExpression: settled
      ? 'SET lastAnswer = :answer, #status = :settled, settledAt = :now'
      : 'SET lastAnswer = :answer',
    ConditionExpression: reached ? '#status = :pending' : '#status = :pending AND attempts = :attempts',
    ExpressionAttributeValues: {
      ':answer': { ...answer, at: now },
      ':pending': 'pending',
      ...(settled && { ':settled': settled, ':now': now }),
      ...(!reached && { ':attempts': attempts }),
    },
  });
};

/** Settles a message that is not attempted any more. */
export const settleUnsent = async (
  table: Table,
  key: Key,
  attempts: number,
  { settled, now }: { settled: string; now: number },
): Promise<void> => {
  await update(table, {
    Key: key,
    UpdateExpression: 'SET #status = :settled, settledAt = :now',
    ConditionExpression: '#status = :pending AND attempts = :attempts',
    ExpressionAttributeValues: { ':settled': settled, ':pending': 'pending', ':attempts': attempts, ':now': now },
  });
};

/**
 * Does the due check of a message: requests the attempt that is due, parks the message after its last attempt, or deletes a
 * settled one. Each change plans the next check, so none is planned here.
 */
export const settleAttempts = async (table: Table, key: Key<Retried>, now: number): Promise<void> => {
  const sent = await getItem(table, key);
  if (!sent || checkAttemptsAt(sent) > now) return;
  if (sent.status !== 'pending') await deleteSettled(table, key, sent);
  else if (sent.attempts >= maxAttempts) await settleUnsent(table, key, sent.attempts, { settled: 'parked', now });
  else await requestAttempt(table, key, sent, now);
};

const requestAttempt = (table: Table, key: Key, { attempts, nextAttemptAt: next }: Retried, now: number) =>
  update(table, {
    Key: key,
    UpdateExpression: 'SET queuedAt = :now',
    ConditionExpression: '#status = :pending AND attempts = :attempts AND nextAttemptAt = :next',
    ExpressionAttributeValues: { ':now': now, ':pending': 'pending', ':attempts': attempts, ':next': next },
  });

/** Deletes a settled message, unless it was requested again meanwhile. */
const deleteSettled = (table: Table, key: Key, { settledAt }: Retried) =>
  remove(table, {
    Key: key,
    ConditionExpression: 'settledAt = :settledAt',
    ExpressionAttributeValues: { ':settledAt': settledAt },
  });
