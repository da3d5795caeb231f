import { isDeepStrictEqual } from 'node:util';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { type ApiKey, isGoodKey } from '../../shared/domain/accounts/api-key.ts';
import { type Invitation, isOpenInvitation } from '../../shared/domain/accounts/invitation.ts';
import type { EverMember } from '../../shared/domain/accounts/member.ts';
import { isAtLeast } from '../../shared/domain/accounts/membership.ts';
import type { License } from '../../shared/domain/license.ts';
import { isBlocked, type Machine } from '../../shared/domain/machine.ts';
import { holdsUntil, type OfflineLicense } from '../../shared/domain/offline.ts';
import { isOpen, type Webhook } from '../../shared/domain/outbox/webhook.ts';
import {
  type HeldSeat,
  hasHolder,
  holderKind,
  isClaim,
  isLapsed,
  type Seat,
  seatClaim,
} from '../../shared/domain/seat.ts';
import type { Subscription } from '../../shared/domain/subscription.ts';
import { endApiKey } from '../../shared/table/accounts/api-keys.ts';
import { endInvitation } from '../../shared/table/accounts/invitations.ts';
import { setRole } from '../../shared/table/accounts/set-role.ts';
import { closeSeat, raiseFence } from '../../shared/table/items/seats.ts';
import { carryOfflineLicense } from '../../shared/table/offline/offline-licenses.ts';
import { voidOfflineLicense } from '../../shared/table/offline/void-offline.ts';
import { removeWebhook } from '../../shared/table/outbox/webhooks.ts';
import { removeMember } from '../../shared/table/removals/remove-member.ts';
import { type Item, parse } from '../../shared/table/store/item.ts';
import { keyOf, kindOfItem, poolOfItem } from '../../shared/table/store/keys.ts';
import { keyText, type Table } from '../../shared/table/store/table.ts';

/** The changes that a restored table must not lack, in the order in which they are made again. */
const kindsToCarry = [
  'members removed',
  'roles taken away',
  'API keys revoked',
  'invitations ended',
  'webhooks removed',
  'offline licenses voided',
  'offline licenses issued',
  'seats claimed',
] as const;

interface ToCarry {
  kind: (typeof kindsToCarry)[number];
  /** Makes the change again; returns its outcome. */
  carry: (restored: Table) => Promise<unknown>;
  /** The outcomes of a change that is made. */
  done?: readonly string[];
}

/** A change that the restored table lacks. */
export interface LostChange extends ToCarry {
  /** The key of its item. */
  name: string;
}

export interface LostChanges {
  changes: LostChange[];
  /** How many other changes are lost, by kind. */
  others: Record<string, number>;
  /** The keys of their items, each with its kind. */
  names: string[];
  /** Whether sessions use the restored table already. */
  isInUse: boolean;
}

/** Decides what became of an item since the restored moment: to carry over, or only to count under a name. */
type Rule = (pair: {
  lost: Item;
  restored: Item | undefined;
  now: number;
}) => ToCarry | string | undefined | readonly (ToCarry | string)[];

const pairOf = <T>({ lost, restored }: { lost: Item; restored: Item | undefined }) => ({
  was: parse(keyOf<T>(lost), lost),
  is: restored && parse(keyOf<T>(restored), restored),
});

/** Returns whether a holder of the restored table has left its seat, as the lost table shows. */
const hasLeft = (seat: HeldSeat, { hold }: Seat, now: number): boolean => {
  const { holder } = seat.hold;
  if (holderKind(holder) === 'session') return isLapsed(seat, now);
  return holderKind(holder) === 'offline' && holder !== hold?.holder;
};

const absent =
  (name: string): Rule =>
  ({ restored }) =>
    restored ? undefined : name;

const changed =
  (name: string): Rule =>
  ({ lost, restored }) =>
    isDeepStrictEqual(lost, restored) ? undefined : name;

const rules: Record<string, Rule> = {
  MEMBER: ({ lost, restored }) => {
    const { was, is } = pairOf<EverMember>({ lost, restored });
    const { organizationId } = poolOfItem(lost);
    const { userId, role } = was;
    const isMember = is !== undefined && is.removedAt === undefined;
    if (was.removedAt !== undefined) {
      // A member who joined again after its removal stays.
      if (!isMember || is.joinedAt > was.removedAt) return undefined;
      const carry = (table: Table) => removeMember(table, { organizationId, userId, by: 'owner', now: Date.now() });
      return { kind: 'members removed', carry, done: ['removed'] };
    }
    if (!isMember || is.joinedAt !== was.joinedAt) return 'members joined';
    if (is.role === role) return undefined;
    if (isAtLeast(role, is.role)) return 'roles given';
    const carry = async (table: Table) => (await setRole(table, { organizationId, userId, role, by: 'owner' })).outcome;
    return { kind: 'roles taken away', carry, done: ['set'] };
  },
  KEY: ({ lost, restored, now }) => {
    const { was, is } = pairOf<ApiKey>({ lost, restored });
    if (!is) return isGoodKey(was, now) ? 'API keys made' : undefined;
    const { organizationId, id, revokedAt } = was;
    if (revokedAt === undefined || is.revokedAt !== undefined) return undefined;
    return { kind: 'API keys revoked', carry: (table) => endApiKey(table, organizationId, id, revokedAt) };
  },
  INVITATION: ({ lost, restored, now }) => {
    const { was, is } = pairOf<Invitation>({ lost, restored });
    if (!is || !isOpenInvitation(is, now)) return isOpenInvitation(was, now) ? 'invitations made' : undefined;
    if (was.secretHash === is.secretHash && isOpenInvitation(was, now)) return undefined;
    // An accepted invitation ends, too: its member may have been removed since.
    return { kind: 'invitations ended', carry: (table) => endInvitation(table, is, was.revokedAt ?? Date.now()) };
  },
  WEBHOOK: ({ lost, restored }) => {
    const { was, is } = pairOf<Webhook>({ lost, restored });
    if (!is) return isOpen(was) ? 'webhooks made' : undefined;
    const { removedAt } = was;
    if (removedAt !== undefined && is.removedAt === undefined)
      return { kind: 'webhooks removed', carry: (table) => removeWebhook(table, was, removedAt), done: ['removed'] };
    return was.secretVersion > is.secretVersion ? 'secrets rotated' : undefined;
  },
  OFFLINE: ({ lost, restored, now }) => {
    const { was, is } = pairOf<OfflineLicense>({ lost, restored });
    const pool = poolOfItem(lost);
    const { id, voidedAt, voidReason = '' } = was;
    if (voidedAt !== undefined) {
      if (is?.status !== 'active' || holdsUntil(is) <= now) return undefined;
      const carry = (table: Table) => voidOfflineLicense(table, pool, id, { reason: voidReason, now: voidedAt });
      return { kind: 'offline licenses voided', carry };
    }
    if (was.status !== 'active' || was.expiresAt <= now || is?.status === 'active') return undefined;
    const carry = (table: Table) => carryOfflineLicense(table, pool, was);
    return { kind: 'offline licenses issued', carry, done: ['issued'] };
  },
  SUB: ({ lost, restored }) => {
    const { was, is } = pairOf<Subscription>({ lost, restored });
    if (!is) return 'subscriptions sold';
    return was.settingId === is.settingId ? undefined : 'subscriptions changed';
  },
  LICENSE: ({ lost, restored }) => {
    const { was, is } = pairOf<License>({ lost, restored });
    const [had, has] = [was.status === 'active', is?.status === 'active'];
    if (had !== has) return had ? 'licenses granted' : 'licenses of users taken away';
    return was.inUse && was.inUse.fence !== is?.inUse?.fence ? 'sessions to activate anew' : undefined;
  },
  SEAT: ({ lost, restored, now }) => {
    const { was, is } = pairOf<Seat>({ lost, restored });
    const isSession = hasHolder(was) && holderKind(was.hold.holder) === 'session';
    const isLost = isSession && !isClaim(is, seatClaim(was));
    const count = isLost ? ['sessions to activate anew'] : [];
    if (was.fence <= (is?.fence ?? 0) || (hasHolder(is) && !hasLeft(is, was, now))) return count;
    const pool = poolOfItem(lost);
    const carry = async (table: Table) => {
      if (hasHolder(is)) await closeSeat(table, pool, seatClaim(is), { now });
      await raiseFence(table, pool, was);
    };
    return [...count, { kind: 'seats claimed', carry }];
  },
  MACHINE: ({ lost, restored, now }) => {
    const { was, is } = pairOf<Machine>({ lost, restored });
    return isBlocked(was, now) && !isBlocked(is, now) ? 'machines removed' : undefined;
  },
  ORG: changed('organizations made or changed'),
  PRODUCT: changed('products of the catalogue'),
  ALERT: absent('alerts set'),
  VERSION: absent('secrets rotated'),
};

/** The counted parts of the history: by the beginning of the partition. */
const histories = { 'HISTORY#': 'sessions of the history', 'AUDIT#': 'audit events', 'REFUSED#': 'refusals' };

/** The largest difference between DynamoDB's clock and those of the functions that is allowed for, ms. */
const skewMs = 60_000;

/**
 * Compares a lost table with a restored one. Reads both as a whole, strongly consistent, and keeps neither sessions nor history
 * in memory.
 *
 * @param options.since the moment that was restored, epoch ms
 */
export const findLostChanges = async (
  lost: Table,
  restored: Table,
  { since, now }: { since: number; now: number },
): Promise<LostChanges> => {
  const [before, after] = await Promise.all([readSnapshot(lost), readSnapshot(restored)]);
  const others: Record<string, number> = {};
  const count = (name: string, by: number) => {
    if (by > 0) others[name] = (others[name] ?? 0) + by;
  };
  const changes: LostChange[] = [];
  const names: string[] = [];
  for (const [name, item] of before.items) {
    const found = rules[kindOfItem(item)]?.({ lost: item, restored: after.items.get(name), now });
    for (const each of [found ?? []].flat())
      if (typeof each === 'string') {
        count(each, 1);
        names.push(`${each}: ${name}`);
      } else changes.push({ ...each, name });
  }
  for (const [name, items] of Object.entries(before.history)) count(name, items - (after.history[name] ?? 0));
  changes.sort((a, b) => kindsToCarry.indexOf(a.kind) - kindsToCarry.indexOf(b.kind));
  const isInUse = [...after.items.values()].some(
    ({ holder, claimedAt }) => String(holder).startsWith('session#') && Number(claimedAt) > since + skewMs,
  );
  return { changes, others, names, isInUse };
};

/** Makes a change again in the restored table. Returns undefined once it is made, and otherwise why not. */
export const carryOver = async (restored: Table, { carry, done }: LostChange): Promise<string | undefined> => {
  const outcome = await carry(restored);
  return done && !done.includes(String(outcome)) ? String(outcome) : undefined;
};

interface Snapshot {
  /** By the text of the key. */
  items: Map<string, Item>;
  history: Record<string, number>;
}

const segments = 8;

const readSnapshot = async (table: Table): Promise<Snapshot> => {
  const snapshot: Snapshot = { items: new Map(), history: {} };
  await pMap(
    Array.from({ length: segments }, (_, segment) => segment),
    (segment) => readSegment(table, segment, snapshot),
    { concurrency: segments },
  );
  return snapshot;
};

const readSegment = async (table: Table, segment: number, { items, history }: Snapshot): Promise<void> => {
  let after: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await table.client.send(
      new ScanCommand({
        TableName: table.name,
        ConsistentRead: true,
        TotalSegments: segments,
        Segment: segment,
        ExclusiveStartKey: after,
      }),
    );
    for (const item of Items) {
      const [, counted] = Object.entries(histories).find(([prefix]) => String(item.pk).startsWith(prefix)) ?? [];
      if (counted) history[counted] = (history[counted] ?? 0) + 1;
      else if (rules[kindOfItem(item)]) items.set(keyText(keyOf(item)), item);
    }
    after = LastEvaluatedKey;
  } while (after);
};
