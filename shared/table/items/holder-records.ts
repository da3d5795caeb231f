import type { EndedReason } from '../../contracts/schemas/activation.ts';
import { type HolderRecord, isRecordOf } from '../../domain/holder-record.ts';
import type { Claim } from '../../domain/seat.ts';
import type { Key } from '../store/keys.ts';
import { put, type Table, update } from '../store/table.ts';

/**
 * Records a verified claim, on condition that the record is as it was read.
 *
 * @returns `lost` if another request of the same holder was first
 */
export const putRecord = async <R extends HolderRecord>(
  table: Table,
  key: Key<R>,
  record: R,
  asRead: HolderRecord | undefined,
): Promise<'recorded' | 'lost'> => {
  const { done, item } = await put<R>(table, {
    Item: { ...key, ...record },
    ConditionExpression: asRead ? 'revision = :asRead' : 'attribute_not_exists(pk)',
    ...(asRead && { ExpressionAttributeValues: { ':asRead': asRead.revision } }),
  });
  return done || isGoneOnFrom(record, item) ? 'recorded' : 'lost';
};

/**
 * Returns whether a put was refused by its own earlier try, whose answer was lost: the record is of this claim, though other
 * requests may have changed it since. To give the seat back then would take it from a holder that was answered. A claim that
 * was to be voided may have been ended by a decision instead.
 */
const isGoneOnFrom = (record: HolderRecord, now: HolderRecord | undefined): boolean =>
  now !== undefined &&
  isRecordOf(now, record) &&
  now.revision >= record.revision &&
  (record.status !== 'ended' || now.endedReason === record.endedReason) &&
  (now.status === record.status || (record.status === 'pending' && now.status === 'active'));

/**
 * Makes sure that a claim without a record is never recorded: its request may be dead, or only slow. Changes the record's
 * revision from the one that the request read; only then may the seat be claimed anew or closed.
 *
 * @param asRead the record as it was read: it is of another claim
 * @param ended the claim as ended, to record if there was no record
 * @returns the current record, or undefined if the record had changed since it was read
 */
export const voidClaim = async <R extends HolderRecord>(
  table: Table,
  key: Key<R>,
  asRead: R | undefined,
  ended: R,
): Promise<R | undefined> => {
  if (!asRead) return (await putRecord(table, key, ended, undefined)) === 'recorded' ? ended : undefined;
  const { done, item: now } = await update(table, {
    Key: key,
    UpdateExpression: 'SET revision = revision + :one',
    ConditionExpression: 'revision = :asRead',
    ExpressionAttributeValues: { ':one': 1, ':asRead': asRead.revision },
  });
  // Refused by our own earlier try, or by another request that voids the same claim.
  const moved = isRecordOf(now, asRead) && now?.status === asRead.status && now.revision === asRead.revision + 1;
  return done || moved ? now : undefined;
};

export type RecordEnded<R extends HolderRecord> =
  | { outcome: 'ended'; record: R }
  /** The record had ended before, for its own reason. */
  | { outcome: 'already'; record: R }
  /** The record is of another claim or member, or another condition refused. */
  | { outcome: 'other'; record: R }
  | { outcome: 'missing' };

// The conditions of the writes.
const live = '#status <> :ended';
const ended = '#status = :ended';
const pending = '#status = :pending';
const unmoved = 'attribute_not_exists(moving)';
const unused = 'revision = :asRead AND (attribute_not_exists(inUse) OR inUse.activeAt <= :since)';
const wasTold = 'attribute_not_exists(untold)';
const ofNumber = '#number = :number';
const ofFence = 'fence = :fence';
const ofClaim = `${ofNumber} AND ${ofFence}`;
const ofMember = 'userId = :userId';
const ofOthers = 'userId <> :userId AND activatedAt <= :at';

/**
 * Makes a pending record active, once its hold is extended.
 *
 * @returns the current record, or undefined if it is of another claim, or has ended
 */
export const completeRecord = async <R extends HolderRecord>(
  table: Table,
  key: Key<R>,
  claim: Pick<Claim, 'number' | 'fence'>,
): Promise<R | undefined> => {
  const { item: record } = await update(table, {
    Key: key,
    UpdateExpression: 'SET #status = :active, revision = revision + :one',
    ConditionExpression: `${pending} AND ${ofClaim}`,
    ExpressionAttributeValues: {
      ':pending': 'pending',
      ':active': 'active',
      ':one': 1,
      ':number': claim.number,
      ':fence': claim.fence,
    },
  });
  // Refused by our own earlier try, or because another request was first.
  return record?.status === 'active' && isRecordOf(record, claim) ? record : undefined;
};

/** The reason and time (epoch ms) of an end. */
export interface RecordEnd {
  readonly reason: EndedReason;
  readonly at: number;
  readonly unmoved?: true;
  readonly unused?: { asRead: number; since: number } | undefined;
}

export type WhichClaim =
  | { claim: Pick<Claim, 'number' | 'fence'> }
  | { userId: string; fence?: number | undefined }
  | { notOf: string };

/**
 * Ends a record with its one reason. The seat is freed after it, never before: `freeSeat`.
 *
 * @param which the claim to end; or the member whose current claim to end, of `fence` or any; or with `notOf`, the member whose
 *   claim to spare: a claim of another member made by `end.at` ends, so that a late copy of this write ends no later claim
 * @param end.pending only if the record is still pending
 * @param end.unmoved only if no move has begun: the seat may have moved before the record
 * @param end.unused of a license: only if it has the revision `asRead`, and nobody has worked with it after `since` (epoch ms).
 *   Heartbeats leave the revision
 */
export const endRecord = async <R extends HolderRecord>(
  table: Table,
  key: Key<R>,
  which: WhichClaim,
  end: RecordEnd & { pending?: true },
): Promise<RecordEnded<R>> => {
  const claim = 'claim' in which ? which.claim : undefined;
  const fence = claim?.fence ?? ('userId' in which ? which.fence : undefined);
  const accepted = [
    end.pending ? pending : live,
    claim ? ofNumber : 'notOf' in which ? ofOthers : ofMember,
    ...(fence === undefined ? [] : [ofFence]),
    ...(end.unmoved ? [unmoved] : []),
    ...(end.unused ? [unused] : []),
  ];
  const { done, item: record } = await update(table, {
    Key: key,
    UpdateExpression: // `:actor` is the actor of the write, as in every update.
      'SET #status = :ended, endedReason = :reason, endedAt = :at, endedBy = :actor, revision = revision + :one',
    ConditionExpression: accepted.join(' AND '),
    ExpressionAttributeValues: {
      ':ended': 'ended',
      ...(end.pending && { ':pending': 'pending' }),
      ':reason': end.reason,
      ':at': end.at,
      ':one': 1,
      ':number': claim?.number,
      ':userId': 'notOf' in which ? which.notOf : 'userId' in which ? which.userId : undefined,
      ':fence': fence,
      ':asRead': end.unused?.asRead,
      ':since': end.unused?.since,
    },
  });
  if (!record) return { outcome: 'missing' };
  if (done) return { outcome: 'ended', record };
  const isWanted =
    'claim' in which
      ? record.number === which.claim.number
      : 'notOf' in which
        ? record.userId !== which.notOf
        : record.userId === which.userId;
  const matches = isWanted && (fence === undefined || record.fence === fence);
  return { outcome: matches && record.status === 'ended' ? 'already' : 'other', record };
};

/**
 * Dates the end of a session earlier, if its lease had ended before its release or forced end. The reason stays. Changes
 * nothing if `at` is later, or if the record is of another claim or of one that was never answered.
 *
 * @param at when the lease of the claim ended, epoch ms
 */
export const dateEndEarlier = async (
  table: Table,
  key: Key,
  claim: Pick<Claim, 'number' | 'fence'>,
  at: number,
): Promise<void> => {
  await update(table, {
    Key: key,
    UpdateExpression: 'SET endedAt = :at, revision = revision + :one',
    ConditionExpression: `${ended} AND ${ofClaim} AND endedAt > :at AND ${wasTold}`,
    ExpressionAttributeValues: {
      ':ended': 'ended',
      ':number': claim.number,
      ':fence': claim.fence,
      ':at': at,
      ':one': 1,
    },
  });
};
