// The model: plain facts, without the service's code. All times are epoch ms.

import type { Limits } from './limits.ts';

export type Role = 'owner' | 'admin' | 'billing-manager' | 'user';

/** A person who can sign in. */
export interface Person {
  email: string;
  bearer: string;
  /** The ID of its user; empty for a sign-in with another's address, until a recovery makes it a user. */
  userId: string;
}

interface Member {
  userId: string;
  email: string;
  role: Role;
  joinedAt: number;
}

export interface ApiKey {
  id: string;
  bearer: string;
  userId: string;
  madeBy: string;
  scope: 'activate' | 'full';
  maxSessions: number | null;
  expiresAt: number | null;
  /** An admin made it for another member. */
  belowOwner: boolean;
  isRevoked: boolean;
  /** The next run of the schedule ends what depended on it. */
  isDue?: boolean;
}

export interface Invitation {
  id: string;
  token: string;
  email: string;
  role: Role;
  by: string;
  byKey: string | undefined;
  expiresAt: number;
  isRevoked: boolean;
  acceptedBy?: string;
}

interface Webhook {
  id: string;
  url: string;
  isConfirmed: boolean;
  isRemoved: boolean;
  /** The test events that were sent to it. */
  tests: string[];
  /** All that it had; the last is good. */
  secrets: string[];
  /** The `Idempotency-Key` of each rotation, if it had one. */
  rotations: (string | undefined)[];
}

/** A request with an `Idempotency-Key`, and the thing that it made. */
export interface Keyed<B> {
  operation: string;
  /** The product of the path, if it names one. */
  place: string;
  key: string;
  /** The ID of its user. */
  by: string;
  body: B;
  id: string;
}

export interface Recovery {
  id: string;
  userId: string;
  email: string;
  role: Role;
  joinedAt: number;
  startedAt: number;
  consentedBy?: string;
  isCancelled: boolean;
  /** The user who got the membership. */
  completedAs?: string;
  /** The next run of the schedule ends what the earlier user had. */
  isDue?: boolean;
  isSettled?: boolean;
}

export interface Session {
  sessionId: string;
  userId: string;
  machineId: string;
  seat: number;
  fence: number;
  leaseEnd: number;
  status: 'live' | 'ended';
  /** Why it ended; undefined while it lives, or if the model cannot know. */
  reason: string | undefined;
  /** Its lease ended, and the terms changed since: the model cannot know which of the two ended it. */
  isReasonOpen?: boolean;
  /** The API key whose maximum it counts for. */
  keyId: string | undefined;
  /** It came to its machine by a transfer, or left it by one. */
  isMoved?: boolean;
  hasLeft?: boolean;
  /** The API key that extended its lease last. */
  by: string | undefined;
  /** The members who had the session ID before. */
  former: Set<string>;
}

/** A session that waits for a license. */
interface Place {
  sessionId: string;
  userId: string;
  machineId: string;
}

export interface OfflineLicense {
  id: string;
  machineId: string;
  expiresAt: number;
  isVoided: boolean;
  /** How many seats were kept for online use: it has none of these. */
  kept: number;
}

/** A subscription, and all that uses it. */
export interface Pool {
  product: string;
  licenseType: 'floating' | 'per-user';
  quota: number;
  machineQuota: number;
  expiresAt: number;
  isSuspended: boolean;
  allowsOffline: boolean;
  /** How many seats are kept for online use, the lowest ones. */
  reserveOnline: number;
  /** Per user; null: none. */
  idleTimeoutMinutes: number | null;
  sessions: Map<string, Session>;
  /** Each claim of a session that was answered. */
  past: Session[];
  /** The audit events of its licensed users, by action and target. */
  events: string[];
  queue: Place[];
  /** Somebody may have lost its place in the queue. */
  isQueueDoubtful: boolean;
  offline: OfflineLicense[];
  licensed: Set<string>;
  /** The users who ever had a license. */
  everLicensed: Set<string>;
  /** By recipient: the users who handed their licenses on. */
  handedOn: Map<string, string>;
  /** Per user: the machines that are registered, with the user who used each last; '' if only an offline license did. */
  machines: Map<string, string>;
  everUsed: Set<string>;
  /** The schedule may have deleted the records of machines that left. */
  mayForgetMachines: boolean;
  /** Until when a machine may not be used. */
  blocked: Map<string, number>;
  /** More licenses, or machines, may be in use than the quota, since it became smaller. */
  wasShrunk: boolean;
  machinesWereShrunk: boolean;
}

export interface Organization {
  id: string;
  members: Map<string, Member>;
  former: Set<string>;
  keys: ApiKey[];
  invitations: Invitation[];
  webhooks: Webhook[];
  recoveries: Recovery[];
  pools: Map<string, Pool>;
  /** The audit events of its members, by action and target. */
  events: string[];
  limits: Limits;
  /** By limit, subject and time: how much was counted. */
  counts: Map<string, number>;
  /** Those with an `Idempotency-Key` that made something. */
  requests: Keyed<object>[];
}

export interface Model {
  organizations: [Organization, Organization];
  people: Person[];
  vendor: Person;
  /** The codes in the vendor's catalogue. */
  catalogue: Set<string>;
  /** By address: the ID of its user. */
  addresses: Map<string, string>;
}

export const leaseMs = 3_600_000;

/** The reasons after which a session may be activated again. */
export const mayComeBack = new Set([
  'released',
  'lease-expired',
  'idle-timeout',
  'subscription-expired',
  'subscription-suspended',
]);

export const pick = <T>(all: readonly T[], n: number): T | undefined => all[n % Math.max(1, all.length)];

export const isGood = ({ isRevoked, expiresAt }: ApiKey, now: number): boolean =>
  !isRevoked && (expiresAt === null || expiresAt > now);

/** The role in which an API key acts: its member's, but no more than its maker could give. */
export const roleOfKey = (organization: Organization, key: ApiKey, now: number): Role | undefined => {
  if (!isGood(key, now)) return undefined;
  const role = organization.members.get(key.userId)?.role;
  if (key.madeBy === key.userId) return role;
  const maker = organization.members.get(key.madeBy)?.role;
  if (maker !== 'owner' && maker !== 'admin') return undefined;
  return role === 'owner' && (key.belowOwner || maker === 'admin') ? 'admin' : role;
};

/** The invitation of each address that counts: a new one replaces the earlier one. */
export const currentInvitations = ({ invitations }: Organization): Invitation[] => [
  ...new Map(invitations.map((one) => [one.email, one])).values(),
];

export const isOpen = ({ isRevoked, acceptedBy, expiresAt }: Invitation, now: number): boolean =>
  !isRevoked && acceptedBy === undefined && expiresAt > now;

export const statusOf = (pool: Pool, now: number): 'active' | 'suspended' | 'expired' => {
  if (pool.expiresAt <= now) return 'expired';
  return pool.isSuspended ? 'suspended' : 'active';
};

/** Whether a session holds its license: a late heartbeat may bring back one that does not and has not ended. */
export const isLive = ({ status, leaseEnd }: Session, { expiresAt }: Pool, now: number): boolean =>
  status === 'live' && leaseEnd > now && expiresAt > now;

const isActive = ({ isVoided, expiresAt }: OfflineLicense, now: number): boolean => !isVoided && expiresAt > now;

export const liveSessions = (pool: Pool, now: number): Session[] =>
  [...pool.sessions.values()].filter((session) => isLive(session, pool, now));

export const activeOffline = ({ offline }: Pool, now: number): OfflineLicense[] =>
  offline.filter((license) => isActive(license, now));

/**
 * How many licenses are free for offline use: at least, and at most. The model knows the seats of floating sessions alone.
 */
export const freeForOffline = (pool: Pool, now: number): { least: number; most: number } => {
  const { quota, reserveOnline: kept } = pool;
  const free = quota - occupied(pool, now);
  if (kept === 0) return { least: free, most: free };
  const isFloating = pool.licenseType === 'floating';
  const online = isFloating ? liveSessions(pool, now).filter(({ seat }) => seat > kept).length : 0;
  const offline = activeOffline(pool, now);
  const above = quota - kept - online;
  const most = Math.min(free, above - offline.filter((license) => license.kept >= kept).length);
  // After a smaller quota, holders of higher numbers keep some of the others from being used.
  const least = pool.wasShrunk ? 0 : above - offline.length - (isFloating ? 0 : pool.licensed.size);
  return { least, most };
};

/** How many of the quota are taken. */
export const occupied = (pool: Pool, now: number): number =>
  activeOffline(pool, now).length +
  (pool.licenseType === 'floating' ? liveSessions(pool, now).length : pool.licensed.size);

/** Whether the machine quota can refuse anybody. */
export const machineQuotaBinds = (pool: Pool): boolean =>
  pool.licenseType === 'per-user' || pool.machineQuota < pool.quota;

/** The registered machines, with the licenses in use on each. */
export const registeredMachines = (pool: Pool, now: number): Map<string, { online: number; offline: number }> => {
  const machines = new Map<string, { online: number; offline: number }>();
  const at = (machineId: string) => {
    const found = machines.get(machineId) ?? { online: 0, offline: 0 };
    machines.set(machineId, found);
    return found;
  };
  for (const { machineId } of activeOffline(pool, now)) at(machineId).offline++;
  for (const { machineId } of liveSessions(pool, now)) at(machineId).online++;
  for (const [machineId, userId] of pool.machines) if (userId !== '') at(machineId);
  return machines;
};

/** Ends a session, unless it has ended. The model cannot know the reason if its lease ended before. */
export const end = (pool: Pool, session: Session, reason: string, now: number): void => {
  if (session.status === 'ended') return;
  session.reason = isLive(session, pool, now) ? reason : undefined;
  session.status = 'ended';
};

/** Takes a license away from a user: its session ends, and its machines go unless somebody else uses them. */
export const endLicense = (pool: Pool, userId: string, reason: string, now: number): void => {
  if (!pool.licensed.delete(userId)) return;
  if (reason === 'user-removed') pool.events.push(`license.removed ${userId}`);
  for (const session of pool.sessions.values()) if (session.userId === userId) end(pool, session, reason, now);
  for (const [machineId, user] of pool.machines) {
    if (user !== userId) continue;
    const users = [...pool.sessions.values()].filter(
      (session) => session.status === 'live' && session.leaseEnd > now && session.machineId === machineId,
    );
    const next = users
      .map((session) => session.userId)
      .sort()
      .at(-1);
    if (next !== undefined) pool.machines.set(machineId, next);
    else if (activeOffline(pool, now).some((license) => license.machineId === machineId))
      pool.machines.set(machineId, '');
    else pool.machines.delete(machineId);
  }
};
