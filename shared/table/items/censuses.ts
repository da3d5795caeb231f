import type { Census } from '../../domain/census.ts';
import { blockOf } from '../../domain/census.ts';
import { keys, type Pool, ranges } from '../store/keys.ts';
import { readAll, type Table, update } from '../store/table.ts';

/** Reads the censuses of a pool, by block, strongly consistent. */
export const readCensuses = async (table: Table, pool: Pool): Promise<Map<number, Census>> => {
  const censuses = await readAll(table, ranges.censuses(pool));
  return new Map(censuses.map((census) => [census.block, census]));
};

/**
 * Certifies a block as full, unless a claim of the block has ended since its census was read.
 *
 * @param asRead the census before the seats were read
 */
export const certify = async (
  table: Table,
  pool: Pool,
  asRead: Pick<Census, 'epoch'> | undefined,
  { block, fullUntil, upTo, nextFreeAt, unconfirmed }: Omit<Census, 'epoch'>,
): Promise<Census | undefined> => {
  const { done, item } = await update(table, {
    Key: keys.census(pool, block),
    UpdateExpression:
      'SET epoch = if_not_exists(epoch, :first), fullUntil = :fullUntil, upTo = :upTo, nextFreeAt = :nextFreeAt, ' +
      'unconfirmed = :unconfirmed',
    ConditionExpression: asRead ? 'epoch = :asRead' : 'attribute_not_exists(epoch)',
    ExpressionAttributeValues: {
      ':first': firstEpoch(),
      ':fullUntil': fullUntil,
      ':upTo': upTo,
      ':nextFreeAt': nextFreeAt,
      ':unconfirmed': unconfirmed,
      ':asRead': asRead?.epoch,
    },
  });
  return done ? item : undefined;
};

/**
 * Reserves the right to watch many seats of a pool, so that a burst of refusals does not watch the same seats at once.
 *
 * @param options.until when the right ends, epoch ms
 * @returns whether no other request has it at `now`
 */
export const reserveWatching = async (
  table: Table,
  pool: Pool,
  { now, until }: { now: number; until: number },
): Promise<boolean> => {
  const { done } = await update(table, {
    Key: keys.census(pool, noBlock),
    UpdateExpression: 'SET fullUntil = :none, watchingUntil = :until',
    ConditionExpression: 'attribute_not_exists(watchingUntil) OR watchingUntil <= :now',
    ExpressionAttributeValues: { ':none': 0, ':until': until, ':now': now },
  });
  return done;
};

/** The item of the reservation lies with the censuses, and stands for no block. */
const noBlock = 0;

/** Dissolves the certificate of a seat's block, if it has one, and begins a new epoch. */
export const dissolveCertificate = async (table: Table, pool: Pool, number: number): Promise<void> => {
  await update(table, {
    Key: keys.census(pool, blockOf(number, table.blockSize)),
    UpdateExpression: 'SET epoch = if_not_exists(epoch, :first) + :one, fullUntil = :none REMOVE unconfirmed',
    ExpressionAttributeValues: { ':first': firstEpoch(), ':one': 1, ':none': 0 },
  });
};

/** The first epoch of a census: later than each epoch of a census that was lost, since epochs grow more slowly than time. */
const firstEpoch = () => Date.now();
