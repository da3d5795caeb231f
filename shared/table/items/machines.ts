import { randomBytes } from 'node:crypto';
import type { EndedReason } from '../../contracts/schemas/activation.ts';
import { isRecordOf, type NewRecord } from '../../domain/holder-record.ts';
import type { ClaimName, Machine, SlotRecipient } from '../../domain/machine.ts';
import { type Claim, type Hold, holderId, machineHolder } from '../../domain/seat.ts';
import { keys, type Pool, ranges, slotsOf } from '../store/keys.ts';
import { getItem, put, readAll, readItems, remove, type Table, update } from '../store/table.ts';
import { freeSeat } from './seats.ts';

/** Returns the claim of a machine's record on its slot. */
export const slotOf = ({ machineId, number, fence }: Pick<Machine, 'machineId' | 'number' | 'fence'>): Claim => ({
  number,
  fence,
  holder: machineHolder(machineId),
});

/**
 * Returns the record of a machine's claim of a slot. Ended records are deleted after a time, so the revisions of a new one
 * begin at its time: no revision comes twice, and a write that is hours late finds that the record has changed.
 */
export const machineRecord = (base: NewRecord, hold: Hold, asRead?: Machine): Machine => ({
  ...base,
  revision: asRead ? base.revision : hold.claimedAt,
  machineId: holderId(hold.holder),
  registeredAt: hold.claimedAt,
  lastSeenAt: hold.claimedAt,
  blockedUntil: asRead?.blockedUntil,
});

/** Reads every machine's record of a pool, also the ended ones. */
export const readAllMachines = (table: Table, pool: Pool): Promise<Machine[]> => readAll(table, ranges.machines(pool));

/** Reads a machine's record, strongly consistent. */
export const readMachine = (table: Table, pool: Pool, machineId: string): Promise<Machine | undefined> =>
  getItem(table, keys.machine(pool, machineId));

/** Reads the records of these machines, by ID. */
export const readMachines = async (
  table: Table,
  pool: Pool,
  machineIds: readonly string[],
): Promise<ReadonlyMap<string, Machine>> => {
  const wanted = machineIds.map((id) => keys.machine(pool, id));
  const found = await readItems(table, wanted);
  return new Map(wanted.map(found.get).flatMap((machine) => (machine ? [[machine.machineId, machine]] : [])));
};

// The record is as it was read: after a deletion, a revision alone could come again.
const unchanged = '#number = :number AND fence = :fence AND revision = :asRead';
const valuesOf = ({ number, fence, revision }: Machine) => ({
  ':number': number,
  ':fence': fence,
  ':asRead': revision,
});

export type TouchResult =
  | { outcome: 'touched'; machine: Machine }
  /** The machine is not registered, or its slot has an heir: `machine` is its record, if there is one. */
  | { outcome: 'gone'; machine: Machine | undefined };

/**
 * Notes that a registered machine is used. A removal of the machine, and a take-over of its slot, require the revision that
 * they read: of a touch and one of these, the first wins. A touch whose answer is lost counts once.
 *
 * @param use.userId the machine's user; absent: the machine keeps its user
 * @param use.hostname the machine's host name; absent: the machine keeps its host name
 * @param use.now epoch ms
 */
export const touchMachine = async (
  table: Table,
  pool: Pool,
  { machineId, userId, hostname, now }: { machineId: string; userId?: string; hostname?: string; now: number },
): Promise<TouchResult> => {
  const touchId = randomBytes(6).toString('base64url');
  const { done, item: machine } = await update(table, {
    Key: keys.machine(pool, machineId),
    UpdateExpression:
      'SET lastSeenAt = :now, touchId = :touchId, revision = revision + :one' +
      `${userId === undefined ? '' : ', userId = :userId'}${hostname === undefined ? '' : ', hostname = :hostname'}`,
    // An absent `touchId` is another one, too.
    ConditionExpression: '#status = :active AND attribute_not_exists(heir) AND touchId <> :touchId',
    ExpressionAttributeValues: {
      ':now': now,
      ':touchId': touchId,
      ':one': 1,
      ':active': 'active',
      ':userId': userId,
      ':hostname': hostname,
    },
  });
  // Refused by our own earlier try, whose answer was lost.
  const own = machine?.touchId === touchId && machine.status === 'active' && !machine.heir;
  return machine && (done || own) ? { outcome: 'touched', machine } : { outcome: 'gone', machine };
};

/** Puts the record of a machine that has none. Returns false if there is one. */
export const putMachine = async (table: Table, pool: Pool, machine: Machine): Promise<boolean> => {
  const Item = { ...keys.machine(pool, machine.machineId), ...machine };
  const { done, item } = await put(table, { Item, ConditionExpression: 'attribute_not_exists(pk)' });
  const now = item;
  // Refused by our own earlier try, whose answer was lost, or by an identical request.
  const { revision, endedReason, blockedUntil } = machine;
  return done || (now?.revision === revision && now.endedReason === endedReason && now.blockedUntil === blockedUntil);
};

/**
 * Notes on the record of a machine, registered or not, that a license is about to be bound to it, unless it is blocked. A
 * removal requires the record to be as it read it, and so notices.
 *
 * @param asRead the record as it was read; without one, an ended record is put
 * @param now epoch ms
 * @returns the current record; `noted` is false if it blocks the machine
 */
export const noteOnMachine = async (
  table: Table,
  pool: Pool,
  machineId: string,
  { asRead, now }: { asRead: Machine | undefined; now: number },
): Promise<{ noted: boolean; machine: Machine | undefined }> => {
  const Key = keys.machine(pool, machineId);
  if (!asRead) {
    const at = { registeredAt: now, lastSeenAt: now, endedAt: now };
    const claim = { number: 0, fence: 0, revision: now };
    const ended = { status: 'ended', endedReason: 'released', userId: '', previous: [] } as const;
    const machine: Machine = { machineId, ...ended, ...claim, ...at };
    const { done } = await put(table, {
      Item: { ...Key, ...machine },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    if (done) return { noted: true, machine };
  }
  const { done, item } = await update(table, {
    Key,
    UpdateExpression: 'SET revision = revision + :one',
    ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(blockedUntil) OR blockedUntil <= :now)',
    ExpressionAttributeValues: { ':one': 1, ':now': now },
  });
  return { noted: done, machine: item };
};

/** Sets the user of a machine, if no request has used the machine since it was read. */
export const assignMachine = async (
  table: Table,
  pool: Pool,
  asRead: Machine,
  userId: string,
): Promise<'assigned' | 'lost'> => {
  const { done } = await update(table, {
    Key: keys.machine(pool, asRead.machineId),
    UpdateExpression: 'SET userId = :userId, revision = revision + :one',
    ConditionExpression: unchanged,
    ExpressionAttributeValues: { ...valuesOf(asRead), ':userId': userId, ':one': 1 },
  });
  return done ? 'assigned' : 'lost';
};

/** Sets the heir of a machine's slot, if no request has used the machine since it was read. */
export const setSlotRecipient = async (
  table: Table,
  pool: Pool,
  asRead: Machine,
  heir: SlotRecipient,
): Promise<boolean> => {
  const { done, item } = await update(table, {
    Key: keys.machine(pool, asRead.machineId),
    UpdateExpression: 'SET heir = :heir, revision = revision + :one',
    ConditionExpression: unchanged,
    ExpressionAttributeValues: { ...valuesOf(asRead), ':heir': heir, ':one': 1 },
  });
  // Refused by our own earlier try, whose answer was lost.
  return done || item?.heir?.moveId === heir.moveId;
};

/** Removes the heir: the machine keeps its slot. */
export const unsetSlotRecipient = async (
  table: Table,
  pool: Pool,
  { machineId, heir }: Machine & { heir: SlotRecipient },
): Promise<void> => {
  await update(table, {
    Key: keys.machine(pool, machineId),
    UpdateExpression: 'SET revision = revision + :one REMOVE heir',
    ConditionExpression: 'heir.moveId = :moveId',
    ExpressionAttributeValues: { ':one': 1, ':moveId': heir.moveId },
  });
};

/**
 * Ends the record of a machine, if no request has used the machine since it was read. The caller frees its slot afterwards.
 *
 * @param end.blockedUntil the end of the machine's block, epoch ms
 * @param end.ran the claims on the machine, which the removal ends next
 * @returns the current record, or undefined if the record had changed since it was read
 */
export const endMachine = async (
  table: Table,
  pool: Pool,
  asRead: Machine,
  end: { reason: EndedReason; at: number; blockedUntil?: number; ran?: readonly ClaimName[] },
): Promise<Machine | undefined> => {
  const { done, item: now } = await update(table, {
    Key: keys.machine(pool, asRead.machineId),
    UpdateExpression:
      'SET #status = :ended, endedReason = :reason, endedAt = :at, revision = revision + :one' +
      `${end.blockedUntil === undefined ? '' : ', blockedUntil = :until'}` +
      `${end.ran === undefined ? '' : ', ran = :ran'} REMOVE heir`,
    ConditionExpression: unchanged,
    ExpressionAttributeValues: {
      ':ended': 'ended',
      ':reason': end.reason,
      ':at': end.at,
      ':one': 1,
      ':until': end.blockedUntil,
      ':ran': end.ran,
      ...valuesOf(asRead),
    },
  });
  // Our own earlier try, whose answer was lost, refused this; not another removal at that time with a shorter block.
  const isBlockKept = end.blockedUntil === undefined || now?.blockedUntil === end.blockedUntil;
  const own = isRecordOf(now, asRead) && now?.revision === asRead.revision + 1 && now.endedAt === end.at && isBlockKept;
  return done || own ? now : undefined;
};

/**
 * Ends the record of a machine, then frees its slot, if no request has used the machine since it was read.
 *
 * @returns whether the machine's record ended
 */
export const unregisterMachine = async (
  table: Table,
  pool: Pool,
  asRead: Machine,
  end: { reason: EndedReason; at: number },
): Promise<boolean> => {
  if (!(await endMachine(table, pool, asRead, end))) return false;
  await freeSeat(table, slotsOf(pool), slotOf(asRead));
  return true;
};

/** Deletes the record of a machine, if the record is as it was read. */
export const forgetMachine = async (table: Table, pool: Pool, asRead: Machine): Promise<void> => {
  await remove(table, {
    Key: keys.machine(pool, asRead.machineId),
    ConditionExpression: unchanged,
    ExpressionAttributeValues: valuesOf(asRead),
  });
};
