// Written from shared/contracts by `npm run openapi`: change these instead.

import type { Page } from './pages.ts';

/** The fields of every problem (RFC 9457). */
interface ProblemOf<Code extends string, Status extends number, Title extends string> {
  type: `urn:leasehold:problem:${Code}`;
  title: Title;
  status: Status;
  detail: string;
  code: Code;
  requestId: string;
}

export interface ProductTerms {
  /** How many licenses a sale has. */
  quota?: number;
  /** How long a sale lasts. */
  months?: number;
  /** How long a trial lasts. */
  trialDays?: number;
  /** A lease lasts this long. */
  leaseSeconds?: number;
  offline?: {
    allowed: boolean;
    /** The longest an offline license may last; null: until the subscription ends. */
    maxDays?: number | null;
    /** Seats kept for online use. Default: 1, or 0 where the quota is 0 or 1. */
    reserveOnline?: number;
  };
  /** Per user: for how long nobody may work with an activation before it ends; null: for ever. */
  idleTimeoutMinutes?: number | null;
}

/** `*`, `<noun>.*`, or an action of the audit events. */
export type VendorEventPattern = '*' | 'organization.*' | 'member.*' | 'invitation.*' | 'api-key.*' | 'subscription.*' | 'alert.*' | 'license.*' | 'activation.*' | 'offline-license.*' | 'machine.*' | 'webhook.*' | 'report.*' | 'authentication.*' | 'authorization.*' | 'product.*' | 'organization.created' | 'organization.limits-set' | 'member.added' | 'member.role-changed' | 'member.removed' | 'member.recovery-started' | 'member.recovery-consented' | 'member.recovery-cancelled' | 'member.recovery-completed' | 'invitation.created' | 'invitation.accepted' | 'invitation.revoked' | 'invitation.expired' | 'api-key.created' | 'api-key.changed' | 'api-key.revoked' | 'api-key.expired' | 'subscription.created' | 'subscription.changed' | 'subscription.expiring' | 'subscription.expired' | 'alert.set' | 'alert.raised' | 'license.granted' | 'license.transferred' | 'license.removed' | 'license.refused' | 'activation.started' | 'activation.transferred' | 'activation.ended' | 'offline-license.issued' | 'offline-license.downloaded' | 'offline-license.expired' | 'offline-license.voided' | 'machine.registered' | 'machine.removed' | 'webhook.created' | 'webhook.confirmed' | 'webhook.secret-rotated' | 'webhook.removed' | 'report.exported' | 'authentication.failed' | 'authorization.refused' | 'product.added' | 'product.changed' | 'product.removed';

export type Role = 'owner' | 'admin' | 'billing-manager' | 'user';

export type KeyScope = 'activate' | 'full';

/** `*`, `<noun>.*`, or an action of the audit events. */
export type EventPattern = '*' | 'organization.*' | 'member.*' | 'invitation.*' | 'api-key.*' | 'subscription.*' | 'alert.*' | 'license.*' | 'activation.*' | 'offline-license.*' | 'machine.*' | 'webhook.*' | 'report.*' | 'authentication.*' | 'authorization.*' | 'organization.created' | 'organization.limits-set' | 'member.added' | 'member.role-changed' | 'member.removed' | 'member.recovery-started' | 'member.recovery-consented' | 'member.recovery-cancelled' | 'member.recovery-completed' | 'invitation.created' | 'invitation.accepted' | 'invitation.revoked' | 'invitation.expired' | 'api-key.created' | 'api-key.changed' | 'api-key.revoked' | 'api-key.expired' | 'subscription.created' | 'subscription.changed' | 'subscription.expiring' | 'subscription.expired' | 'alert.set' | 'alert.raised' | 'license.granted' | 'license.transferred' | 'license.removed' | 'license.refused' | 'activation.started' | 'activation.transferred' | 'activation.ended' | 'offline-license.issued' | 'offline-license.downloaded' | 'offline-license.expired' | 'offline-license.voided' | 'machine.registered' | 'machine.removed' | 'webhook.created' | 'webhook.confirmed' | 'webhook.secret-rotated' | 'webhook.removed' | 'report.exported' | 'authentication.failed' | 'authorization.refused';

/** `parked`: given up, until somebody asks for its redelivery. */
export type DeliveryStatus = 'pending' | 'delivered' | 'parked';

export interface Activation {
  /** Names one running session. Repeat it on a retry and you get the same license; a CI job ID is a good choice. In a path, encode each slash as `%2F`; or as `%252F`, if a proxy decodes the path before it routes. */
  sessionId: string;
  /** The product by its code. */
  product: string;
  /** The machine, by any stable ID of yours. */
  machineId: string;
  hostname: string | null;
  /** The user. */
  userId: string;
  status: 'active' | 'ended';
  /** Tell it in each heartbeat. */
  seat: number;
  /** Tell it in each heartbeat; grows with each claim. */
  fence: number;
  activatedAt: string;
  /** Heartbeat before it. Null once ended. */
  leaseExpiresAt: string | null;
  /** Send a heartbeat this often. */
  heartbeatSeconds: number;
  endedAt: string | null;
  endedReason: EndedReason | null;
}

export type EndedReason = 'released' | 'lease-expired' | 'idle-timeout' | 'logged-in-elsewhere' | 'machine-removed' | 'user-removed' | 'license-removed' | 'license-transferred' | 'subscription-expired' | 'subscription-suspended';

export interface DryRun {
  accepted: boolean;
  code?: 'not-licensed' | 'subscription-expired' | 'subscription-suspended' | 'activation-ended' | 'session-conflict' | 'machine-quota-exceeded' | 'license-quota-exceeded' | 'limit-exceeded' | 'forbidden';
  detail?: string;
  quota?: number;
  inUse?: number;
  machineQuota?: number;
  registeredMachines?: number;
  nextFreeAt?: string | null;
  retryAfterSeconds?: number;
  /** With `waitSeconds`: it would wait, in this place of the queue. */
  position?: number;
  holders?: SeatHolder[];
  endedReason?: EndedReason | null;
  /** Of `limit-exceeded`, as that says it. */
  limit?: string;
  value?: number;
}

export interface SeatHolder {
  seat: number;
  kind: 'session' | 'user' | 'offline';
  /** Of a running session. */
  sessionId: string | null;
  userId: string | null;
  machineId: string | null;
  /** Since when it holds the seat. */
  activatedAt: string;
  /** Until when; null if the hold has no end. */
  leaseExpiresAt: string | null;
}

export interface Waiting {
  /** Names one running session. Repeat it on a retry and you get the same license; a CI job ID is a good choice. In a path, encode each slash as `%2F`; or as `%252F`, if a proxy decodes the path before it routes. */
  sessionId: string;
  status: 'waiting';
  /** How many go first, and itself: 1 is next. Exact for the first 100, an estimate further back. */
  position: number;
  /** Activate again after this time, with the same `sessionId`: that is how the place is kept. */
  retryAfterSeconds: number;
  /** How long it may still take, by how fast the queue has moved so far; null if it has not. */
  estimatedSeconds: number | null;
  waitingSince: string;
  /** After it the session is refused: its `waitSeconds` are over. */
  waitsUntil: string;
}

export interface InvalidRequestProblem extends ProblemOf<'invalid-request', 400, 'The request is not valid'> {
  errors: {
    pointer: string;
    detail: string;
  }[];
}

export type UnauthenticatedProblem = ProblemOf<'unauthenticated', 401, 'A valid credential is needed'>;

export type ForbiddenProblem = ProblemOf<'forbidden', 403, 'This is not allowed'>;

export type NotLicensedProblem = ProblemOf<'not-licensed', 403, 'No license was granted to you'>;

export type SubscriptionExpiredProblem = ProblemOf<'subscription-expired', 403, 'The subscription has expired'>;

export type SubscriptionSuspendedProblem = ProblemOf<'subscription-suspended', 403, 'The subscription is suspended'>;

export type NotFoundProblem = ProblemOf<'not-found', 404, 'Not found'>;

export type SessionConflictProblem = ProblemOf<'session-conflict', 409, 'The session is live elsewhere'>;

export interface MachineQuotaExceededProblem extends ProblemOf<'machine-quota-exceeded', 409, 'Machine quota exceeded'> {
  machineQuota: number;
  registeredMachines: number;
}

export interface LicenseQuotaExceededProblem extends ProblemOf<'license-quota-exceeded', 409, 'License quota exceeded'> {
  quota: number;
  inUse: number;
  /** When the first held seat is free unless its holder extends it; null if no hold has an end. */
  nextFreeAt: string | null;
  /** When to try again, at most 60: some seconds after `nextFreeAt`, or sooner if that is far away. Each session ID has its own time, so that a crowd does not come back at once. */
  retryAfterSeconds: number;
  /** For owners and admins; at most 100. */
  holders?: SeatHolder[];
}

export interface LimitExceededProblem extends ProblemOf<'limit-exceeded', 409, 'A limit is reached'> {
  /** The limit by its name: one that `getLimits` shows, `maxSessions` or `queuePlacesPerKey` of the API key, or `queuePlacesPerPerson` of a person who signed in. */
  limit: string;
  /** Its value. */
  value: number;
  /** For `maxSessions`: when the first lease of the key’s sessions ends unless its holder extends it. */
  nextFreeAt?: string;
  /** When to try again, if that may help. */
  retryAfterSeconds?: number;
}

export interface ActivationEndedProblem extends ProblemOf<'activation-ended', 410, 'The activation has ended'> {
  endedReason: EndedReason;
}

export type PayloadTooLargeProblem = ProblemOf<'payload-too-large', 413, 'The body is too large'>;

export type UnsupportedMediaTypeProblem = ProblemOf<'unsupported-media-type', 415, 'The body must be JSON'>;

export interface TooManyRequestsProblem extends ProblemOf<'too-many-requests', 429, 'Too many requests'> {
  retryAfterSeconds: number;
  /** The limit by its name: one that `getLimits` shows, `maxSessions` or `queuePlacesPerKey` of the API key, or `queuePlacesPerPerson` of a person who signed in. */
  limit?: string;
  /** Its value. */
  value?: number;
}

export type InternalProblem = ProblemOf<'internal', 500, 'Something went wrong on our side'>;

export interface LicensedUser {
  /** The user. */
  userId: string;
  email: string;
  name: string;
  licensedAt: string;
  /** Whether the license is in use now. */
  online: boolean;
  /** When the user last worked with the license: when a session was activated or kept alive, less the idle time that it reported. Absent if no use is on record. */
  lastUsedAt?: string;
  /** The machine on which the license is in use, or was last. Absent if no use is on record. */
  machineId?: string;
}

export interface Grant {
  email: string;
  /** `too-many-requests`: others were in the way for too long; send this email again. */
  outcome: 'granted' | 'already-licensed' | 'not-a-member' | 'license-quota-exceeded' | 'too-many-requests';
  /** Null unless the member has a license now. */
  licensedUser: LicensedUser | null;
}

export type LicenseUsedProblem = ProblemOf<'license-used', 409, 'The license is used'>;

export type OfflineLicenseActiveProblem = ProblemOf<'offline-license-active', 409, 'An offline license is active'>;

export interface Machine {
  /** The machine, by any stable ID of yours. */
  machineId: string;
  registeredAt: string;
  /** When a license was last activated on it, or kept alive. */
  lastSeenAt: string;
  /** The host name that the latest session on it gave, if any. */
  hostname?: string;
  /** The user of the latest session on it. */
  userId?: string;
  /** Online licenses in use on it now. */
  online: number;
  /** Offline licenses that are bound to it, and have not expired. */
  offline: number;
}

export interface OfflineLicense {
  /** The offline license. */
  id: string;
  /** The product by its code. */
  product: string;
  /** The machine, by any stable ID of yours. */
  machineId: string;
  /** The member who uses it; null if it was made for none. */
  userId: string | null;
  issuedAt: string;
  /** From then on its seat is free. */
  expiresAt: string;
  /** `voided`: the vendor voided it. Its seat is free, but its file verifies until `expiresAt`. */
  status: 'active' | 'expired' | 'voided';
  /** When the vendor voided it; absent otherwise. */
  voidedAt?: string;
  /** Why the vendor voided it. */
  voidReason?: string;
  /** `<product>_<machineId>.lic`, the machine ID percent-encoded. */
  fileName: string;
  description: string | null;
}

export interface Session {
  /** Names one running session. Repeat it on a retry and you get the same license; a CI job ID is a good choice. In a path, encode each slash as `%2F`; or as `%252F`, if a proxy decodes the path before it routes. */
  sessionId: string;
  /** The product by its code. */
  product: string;
  /** The machine, by any stable ID of yours. */
  machineId: string;
  hostname: string | null;
  /** The user. */
  userId: string;
  status: 'active' | 'ended';
  /** Tell it in each heartbeat. */
  seat: number;
  /** Tell it in each heartbeat; grows with each claim. */
  fence: number;
  /** When it began, on this machine: after a transfer, when it was moved. */
  activatedAt: string;
  /** Heartbeat before it. Null once ended. */
  leaseExpiresAt: string | null;
  /** Send a heartbeat this often. */
  heartbeatSeconds: number;
  endedAt: string | null;
  endedReason: EndedReason | null;
  /** Of its member, also of one that was removed. */
  userEmail: string | null;
  /** Of its member, also of one that was removed. */
  userName: string | null;
  /** `per-user`: a license belongs to a named user. `floating`: one running session takes one license. */
  licenseType: 'floating' | 'per-user';
  /** How long it waited in the queue; null if it did not. */
  waitedSeconds: number | null;
  /** From its start to its end, or until now. */
  durationSeconds: number;
}

export interface Usage {
  /** The beginning of the interval. */
  from: string;
  /** The quota of that time; the highest if it changed. */
  quota: number;
  /** The most sessions that ran at one moment. */
  peak: number;
  /** How many ran on average; of an interval that is not over, until now. */
  average: number;
  /** How many users they were of. */
  users: number;
  /** How many machines they ran on. */
  machines: number;
  /** How many sessions were refused for the first time because the quota was used up. */
  refused: {
    licenseQuota: number;
    machineQuota: number;
  };
  /** The waiting in the queue of those who got a license. */
  waited: {
    /** How many of the sessions that began waited for their license. */
    sessions: number;
    /** How long they did on average; null if none did. */
    averageSeconds: number | null;
    /** How long the one did that waited longest. */
    longestSeconds: number | null;
  };
}

export interface Subscription extends SubscriptionSummary {
  /** Subscribed licenses. */
  quota: number;
  /** floating: quota − online − offline; per-user: quota − licensed users − offline; never below 0. */
  available: number;
  inUse: {
    licensedUsers: number;
    online: number;
    offline: number;
  };
  /** How many sessions wait for a license, and for how long the first of them has. */
  queue: {
    length: number;
    longestWaitSeconds: number | null;
  };
  machineQuota: number;
  registeredMachines: number;
  expiresAt: string;
  leaseSeconds: number;
  offline: OfflineRules;
  idleTimeoutMinutes: number | null;
  /** Present while the vendor suspends it, also once it has expired: `status` is `expired` then. */
  suspended?: true;
  /** Present for a trial. */
  trial?: true;
  /** The vendor’s note, for the vendor alone. */
  note?: string;
}

export interface OfflineRules {
  allowed: boolean;
  /** The longest an offline license may last; null: until the subscription ends. */
  maxDays: number | null;
  /** Seats kept for online use. */
  reserveOnline: number;
}

export interface ProductNotInCatalogueProblem extends ProblemOf<'product-not-in-catalogue', 409, 'The product is not in the catalogue'> {
  /** Products with similar codes, the nearest first; at most 5. */
  near: string[];
}

export interface SubscriptionSummary {
  /** The organization. */
  organizationId: string;
  /** The product by its code. */
  product: string;
  productName: string;
  /** `per-user`: a license belongs to a named user. `floating`: one running session takes one license. */
  licenseType: 'floating' | 'per-user';
  status: 'active' | 'suspended' | 'expired';
}

export interface Alerts {
  /** The used part of the quota; null: never. */
  usePercent: 80 | 90 | 100 | null;
  /** For how long the use must have been so high. */
  useMinutes: number;
  /** For how long somebody must have waited for a license; null: never. */
  waitMinutes: number | null;
  /** Since when the use is told as too high; null: it is not. */
  useRaisedAt: string | null;
  /** Since when the wait is told as too long; null: it is not. */
  waitRaisedAt: string | null;
}

export interface Me {
  type: 'user' | 'api-key';
  /** Null for a sign-in without a verified address, or whose address is another sign-in’s. */
  userId: string | null;
  /** Null for an API key, and without a verified address. */
  email: string | null;
  vendor: boolean;
  /** The ID of the API key; null for a person. */
  keyId: string | null;
  /** The scope of the API key; null for a person. */
  scope: KeyScope | null;
  /** Your role in each organization. An API key has exactly one. */
  memberships: {
    /** The organization. */
    organizationId: string;
    role: Role;
  }[];
}

export interface SoldSubscription extends SubscriptionSummary {
  organizationName: string;
  quota: number;
  expiresAt: string;
  trial?: true;
  note?: string;
  /** How many licenses were in use at the last count; null before the first count. */
  inUse: number | null;
  /** When the service last counted: it does so once an hour. */
  countedAt: string | null;
  /** The most in use at a count of the last seven days, and of the seven days before. */
  trend: {
    peak: number | null;
    before: number | null;
  };
}

export interface Product {
  /** The product by its code. */
  product: string;
  name: string;
  /** `per-user`: a license belongs to a named user. `floating`: one running session takes one license. */
  licenseType: 'floating' | 'per-user';
  terms: ProductTermsOutput;
  changedAt: string;
}

export interface AuditEvent {
  /** The same wherever this event is told. */
  id: string;
  at: string;
  action: AuditAction;
  /** The actor. */
  actor: {
    type: 'user' | 'api-key' | 'vendor' | 'service';
    /** The ID of the user, the key or the vendor’s sign-in, or the part of the service. */
    id: string;
    /** The member that an API key acts as. */
    userId?: string;
    /** The member’s address, also after its removal. */
    email?: string;
  };
  target: {
    type: 'organization' | 'member' | 'invitation' | 'api-key' | 'subscription' | 'licensed-user' | 'activation' | 'offline-license' | 'machine' | 'webhook' | 'report' | 'product';
    id: string;
  };
  product?: string;
  /** In the vendor’s list: the organization that it happened in, if any. */
  organizationId?: string;
  /** By action: docs/audit.md. */
  details: Record<string, unknown>;
}

export type AuditAction = 'organization.created' | 'organization.limits-set' | 'member.added' | 'member.role-changed' | 'member.removed' | 'member.recovery-started' | 'member.recovery-consented' | 'member.recovery-cancelled' | 'member.recovery-completed' | 'invitation.created' | 'invitation.accepted' | 'invitation.revoked' | 'invitation.expired' | 'api-key.created' | 'api-key.changed' | 'api-key.revoked' | 'api-key.expired' | 'subscription.created' | 'subscription.changed' | 'subscription.expiring' | 'subscription.expired' | 'alert.set' | 'alert.raised' | 'license.granted' | 'license.transferred' | 'license.removed' | 'license.refused' | 'activation.started' | 'activation.transferred' | 'activation.ended' | 'offline-license.issued' | 'offline-license.downloaded' | 'offline-license.expired' | 'offline-license.voided' | 'machine.registered' | 'machine.removed' | 'webhook.created' | 'webhook.confirmed' | 'webhook.secret-rotated' | 'webhook.removed' | 'report.exported' | 'authentication.failed' | 'authorization.refused' | 'product.added' | 'product.changed' | 'product.removed';

export interface YourLicense extends SubscriptionSummary {
  /** When the subscription ends. */
  expiresAt: string;
  /** Since when you have a license of a per-user product; null without one, and of a floating product. */
  licensedAt: string | null;
  /** Your live sessions, at most 50. */
  activations: Activation[];
  /** Your latest refusals of the last 7 days, at most 5, among the latest 500 of the product. */
  refusals: ({
    at: string;
    /** Names one running session. Repeat it on a retry and you get the same license; a CI job ID is a good choice. In a path, encode each slash as `%2F`; or as `%252F`, if a proxy decodes the path before it routes. */
    sessionId: string;
    /** The machine, by any stable ID of yours. */
    machineId: string;
    reason: 'license-quota' | 'machine-quota';
    quota: number;
    inUse: number;
  })[];
}

export interface Organization {
  /** The organization. */
  id: string;
  name: string;
  createdAt: string;
}

export interface YourOrganization extends Organization {
  /** Yours. null: you are the vendor, and no member. */
  role: Role | null;
}

export interface Limits {
  /** Requests a second by one API key, on each instance of each function. */
  requestsPerSecond: number;
  /** Requests at once by one API key that paused, on each instance of each function. */
  requestBurst: number;
  /** API keys of one member that are neither revoked nor expired. */
  apiKeysPerMember: number;
  /** Webhooks of the organization that are not removed. */
  webhooks: number;
  /** Invitations of the organization on one day (UTC): each is a mail. */
  invitationsPerDay: number;
  /** Invitations to one address on one day (UTC), repetitions included. */
  invitationsPerAddressAndDay: number;
  /** Redeliveries to the webhooks of the organization, and tests of webhooks and alerts, in one minute. */
  redeliveriesPerMinute: number;
  /** Test alerts on one day (UTC): each is a mail to each owner and admin. */
  alertTestsPerDay: number;
  /** Offline licenses of one product that are issued on one day (UTC). null: 10, or a tenth of the quota if that is more. */
  offlineLicensesPerDay: number | null;
}

export interface Member {
  /** The user. */
  userId: string;
  email: string;
  name: string;
  role: Role;
  joinedAt: string;
}

export interface Invitation {
  /** The invitation. */
  id: string;
  email: string;
  role: Role;
  invitedAt: string;
  /** It can be accepted until then. */
  expiresAt: string;
  /** The member who invited. */
  invitedBy: string;
}

export interface YourInvitation {
  organization: {
    /** The organization. */
    id: string;
    name: string;
  };
  role: Role;
  /** You can accept it until then. */
  expiresAt: string;
  /** The member who invited you. null: its name is not known any more. */
  invitedBy: {
    email: string;
    name: string;
  } | null;
  /** `lhi_<id>_<secret>`, as whoever invited passed it on. */
  token: string;
}

export interface Recovery {
  /** The recovery. */
  id: string;
  /** The member whose membership the recovery hands over. */
  userId: string;
  /** The address that the new sign-in must have, verified by its issuer. */
  email: string;
  role: Role;
  startedAt: string;
  /** When the recovery can be completed without consent. */
  effectiveAt: string;
  /** When the recovery can be completed no longer. */
  expiresAt: string;
  /** The consenting member, while it is a member. */
  consentedBy: string | null;
  /** `lapsed`: it expired, or its member was removed or has another role since. `completed`, `cancelled` and `lapsed` stay so. */
  status: 'waiting' | 'ready' | 'completed' | 'cancelled' | 'lapsed';
}

export interface ApiKey {
  /** The API key, by its ID. */
  id: string;
  name: string;
  /** The member that the key acts as. */
  userId: string;
  /** The member who made the key. Older keys show their own member. */
  createdBy: string;
  scope: KeyScope;
  /** How many sessions may run by the key for one product at once. null: as many as the quota. */
  maxSessions: number | null;
  createdAt: string;
  expiresAt: string | null;
  /** To the hour. */
  lastUsedAt: string | null;
}

export interface ListedWebhook extends Webhook {
  /** The latest deliveries. */
  latest: {
    /** How many of the latest 100 deliveries were attempted. */
    deliveries: number;
    /** How many of them failed at their last attempt. */
    failed: number;
    /** The latest of these failures. */
    lastFailure: {
      at: string;
      status: number | null;
      error: string | null;
    } | null;
  };
}

export interface Webhook {
  id: string;
  url: string;
  events: EventPattern[];
  createdAt: string;
  /** When the target answered the challenge, or somebody confirmed it by hand: events are sent from then on. */
  confirmedAt: string | null;
  /** Since its target answered 410, nothing is sent to it. */
  disabledAt: string | null;
}

export interface WebhookDelivery {
  /** The same in each attempt: its header `webhook-id`. */
  id: string;
  event: {
    id: string;
    action: DeliveryAction;
  };
  /** The posted body; null for the challenge, which the target alone gets. */
  request: string | null;
  status: DeliveryStatus;
  createdAt: string;
  /** Since it was made, or its redelivery was asked for. */
  attempts: number;
  /** Of a pending one: not before then. */
  nextAttemptAt: string | null;
  /** What became of the last attempt. */
  lastAnswer: {
    /** When it was sent. */
    at: string;
    /** The HTTP status, if there was an answer. */
    status: number | null;
    /** Why there was no answer; `CHALLENGE_NOT_ANSWERED`: the body was not the challenge. */
    error: string | null;
    /** The first 1,024 bytes of the body of a refusal. */
    body: string | null;
  } | null;
}

/** An action of the audit events, `webhook.challenge` or `webhook.test`. */
export type DeliveryAction = 'organization.created' | 'organization.limits-set' | 'member.added' | 'member.role-changed' | 'member.removed' | 'member.recovery-started' | 'member.recovery-consented' | 'member.recovery-cancelled' | 'member.recovery-completed' | 'invitation.created' | 'invitation.accepted' | 'invitation.revoked' | 'invitation.expired' | 'api-key.created' | 'api-key.changed' | 'api-key.revoked' | 'api-key.expired' | 'subscription.created' | 'subscription.changed' | 'subscription.expiring' | 'subscription.expired' | 'alert.set' | 'alert.raised' | 'license.granted' | 'license.transferred' | 'license.removed' | 'license.refused' | 'activation.started' | 'activation.transferred' | 'activation.ended' | 'offline-license.issued' | 'offline-license.downloaded' | 'offline-license.expired' | 'offline-license.voided' | 'machine.registered' | 'machine.removed' | 'webhook.created' | 'webhook.confirmed' | 'webhook.secret-rotated' | 'webhook.removed' | 'report.exported' | 'authentication.failed' | 'authorization.refused' | 'product.added' | 'product.changed' | 'product.removed' | 'webhook.challenge' | 'webhook.test';

export interface PublicKey {
  kty: 'OKP';
  crv: 'Ed25519';
  x: string;
  kid: string;
  alg: 'EdDSA';
  use: 'sig';
}

export interface ProductTermsOutput {
  /** How many licenses a sale has. */
  quota: number;
  /** How long a sale lasts. */
  months: number;
  /** How long a trial lasts. */
  trialDays: number;
  /** A lease lasts this long. */
  leaseSeconds: number;
  offline: {
    allowed: boolean;
    /** The longest an offline license may last; null: until the subscription ends. */
    maxDays: number | null;
    /** Seats kept for online use. Default: 1, or 0 where the quota is 0 or 1. */
    reserveOnline?: number;
  };
  /** Per user: for how long nobody may work with an activation before it ends; null: for ever. */
  idleTimeoutMinutes: number | null;
}

/** Every problem of the service. Its `code` says which. */
export type Problem =
  | InvalidRequestProblem
  | UnauthenticatedProblem
  | ForbiddenProblem
  | NotLicensedProblem
  | SubscriptionExpiredProblem
  | SubscriptionSuspendedProblem
  | NotFoundProblem
  | SessionConflictProblem
  | MachineQuotaExceededProblem
  | LicenseQuotaExceededProblem
  | LimitExceededProblem
  | ActivationEndedProblem
  | PayloadTooLargeProblem
  | UnsupportedMediaTypeProblem
  | TooManyRequestsProblem
  | InternalProblem
  | LicenseUsedProblem
  | OfflineLicenseActiveProblem
  | ProductNotInCatalogueProblem;

interface InProduct {
  /** The organization. */
  organizationId: string;
  /** The product by its code. */
  product: string;
}

interface InOrganization {
  /** The organization. */
  organizationId: string;
}

interface InPages {
  /** Items per page. */
  limit?: number;
  /** `nextCursor` of the page before; opaque, and good for this list only. */
  cursor?: string;
}

/** The input and output of each operation. */
export interface Operations {
  /**
   * Take a license for a running session.
   *
   * Claims one seat of the quota for as long as heartbeats extend its lease. The same `sessionId` again gets the same activation, never a second seat, so a retry is always safe. Without a `sessionId` one is made, and a retry takes another seat until the lost one lapses. With `waitSeconds` a session that finds no license free waits in a queue, first come, first served: it keeps its place by asking again when the answer says. If the maximum of its API key leaves no room, a session is refused at once, and does not wait.
   *
   * **Who:** owner, admin, billing-manager, user; API keys of scope `activate` or `full`.
   */
  activate: {
    input: InProduct & {
      /** The machine, by any stable ID of yours. */
      machineId: string;
      /** Names one running session. Repeat it on a retry and you get the same license; a CI job ID is a good choice. In a path, encode each slash as `%2F`; or as `%252F`, if a proxy decodes the path before it routes. */
      sessionId?: string;
      /** For people to read. */
      hostname?: string;
      /** For how long to wait for a floating license if none is free, from the first request on; 0 gives up the place. Where licenses belong to users there is nothing to wait for, and it changes nothing. */
      waitSeconds?: number;
      /** Answer 200 with what would happen, and change nothing. */
      dryRun?: boolean;
    };
    output: Activation | DryRun | Waiting;
  };
  /**
   * Online licenses: who uses what now.
   *
   * Live activations by seat. Owners and admins see all, everyone else sees their own.
   *
   * **Who:** owner, admin, billing-manager, user; API keys of scope `activate` or `full`.
   */
  listActivations: {
    input: InProduct & InPages;
    output: Page<Activation>;
  };
  /**
   * Keep an activation alive.
   *
   * Extends the lease. Send it every `heartbeatSeconds`. One that comes after the lease ended still succeeds if nobody took the seat since; otherwise 410 tells why the activation ended.
   *
   * **Who:** owner, admin, billing-manager, user; API keys of scope `activate` or `full`.
   */
  heartbeat: {
    input: InProduct & {
      /** Names one running session. Repeat it on a retry and you get the same license; a CI job ID is a good choice. In a path, encode each slash as `%2F`; or as `%252F`, if a proxy decodes the path before it routes. */
      sessionId: string;
      /** As the activation told it. */
      seat: number;
      /** As the activation told it. */
      fence: number;
      /** For how long nobody used the session. Only per-user subscriptions look at it. */
      idleSeconds?: number;
    };
    output: {
      /** Names one running session. Repeat it on a retry and you get the same license; a CI job ID is a good choice. In a path, encode each slash as `%2F`; or as `%252F`, if a proxy decodes the path before it routes. */
      sessionId: string;
      /** The product by its code. */
      product: string;
      /** The machine, by any stable ID of yours. */
      machineId: string;
      /** Absent for a floating session: the activation told it. */
      hostname?: string | null;
      /** The user. */
      userId: string;
      status: 'active' | 'ended';
      /** Tell it in each heartbeat. */
      seat: number;
      /** Tell it in each heartbeat; grows with each claim. */
      fence: number;
      activatedAt: string;
      /** Heartbeat before it. Null once ended. */
      leaseExpiresAt: string | null;
      /** Send a heartbeat this often. */
      heartbeatSeconds: number;
      endedAt: string | null;
      endedReason: EndedReason | null;
      /** When to warn that the session ends unless somebody works with it. Null without an idle timeout. */
      idleWarningAt: string | null;
    };
  };
  /**
   * Give a license back, or take it away.
   *
   * A member releases its own session. An owner or admin forces the end of another’s (`license-removed`): that session cannot come back. A waiting session leaves the queue. Repeating is harmless. With `fence`, a late request never ends a newer activation of the session.
   *
   * **Who:** owner, admin, billing-manager, user; API keys of scope `activate` or `full`.
   */
  deactivate: {
    input: InProduct & {
      /** Names one running session. Repeat it on a retry and you get the same license; a CI job ID is a good choice. In a path, encode each slash as `%2F`; or as `%252F`, if a proxy decodes the path before it routes. */
      sessionId: string;
      /** The fence that the activation told: the service ends only that activation. If the session has another one by now, or waits, the answer is 204 and nothing changes. Default: ends any activation or wait of the session. */
      fence?: number;
    };
    output: undefined;
  };
  /**
   * One activation, also while it waits and after its end.
   *
   * Its member sees it; owners and admins see all. To others it does not exist.
   *
   * **Who:** owner, admin, billing-manager, user; API keys of scope `activate` or `full`.
   */
  getActivation: {
    input: InProduct & {
      /** Names one running session. Repeat it on a retry and you get the same license; a CI job ID is a good choice. In a path, encode each slash as `%2F`; or as `%252F`, if a proxy decodes the path before it routes. */
      sessionId: string;
    };
    output: Activation | Waiting;
  };
  /**
   * Licensed users: whose licenses these are.
   *
   * By user ID. Of a floating subscription it is empty: any member may use one of its licenses.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  listLicensedUsers: {
    input: InProduct & InPages & {
      /** Only users who have had the license, and not worked with it, for at least so many days. A page may then have fewer users than its limit, and still a `nextCursor`. */
      unusedForDays?: number;
    };
    output: Page<LicensedUser>;
  };
  /**
   * Grant licenses to several members by email.
   *
   * Each email has an outcome of its own, in the order in which they were sent: some may be granted while others are refused. They are granted one after another, so when licenses run out the first ones of the list have them. Sending the list again is harmless.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  grantLicenses: {
    input: InProduct & {
      emails: string[];
    };
    output: {
      items: Grant[];
    };
  };
  /**
   * Grant a member a license.
   *
   * For per-user subscriptions. The license is the member’s until it is removed or transferred. Granting it again changes nothing.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  grantLicense: {
    input: InProduct & {
      /** The user. */
      userId: string;
    };
    output: LicensedUser;
  };
  /**
   * Take a user’s license away.
   *
   * Ends at once what the user runs on it (`user-removed`) and takes the user’s machines off the registered machines. The license can be granted to somebody else in the same instant. Offline licenses stay until their expiry. With `ifUnusedForDays` a license that was used meanwhile stays (`license-used`). It may be repeated.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  removeLicense: {
    input: InProduct & {
      /** The user. */
      userId: string;
      /** Only if the user has had the license, and not worked with it, for at least so many days: checked by the write itself. */
      ifUnusedForDays?: number;
    };
    output: undefined;
  };
  /**
   * Transfer a user’s license to another member.
   *
   * In one step: nobody else can take the license between. What the user runs on it ends (`license-transferred`) before the other can use it. Repeating the transfer is harmless.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  transferLicense: {
    input: InProduct & {
      /** The user. */
      userId: string;
      /** The member who gets the license. */
      toUserId: string;
    };
    output: LicensedUser;
  };
  /**
   * Transfer a session to another machine.
   *
   * In one step: the session keeps its seat, and nobody can take it between. The process on the machine before learns it at its next heartbeat (`license-transferred`); the one on the other machine activates with the same `sessionId`. Floating subscriptions only. Repeating the transfer is harmless.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  transferActivation: {
    input: InProduct & {
      /** Names one running session. Repeat it on a retry and you get the same license; a CI job ID is a good choice. In a path, encode each slash as `%2F`; or as `%252F`, if a proxy decodes the path before it routes. */
      sessionId: string;
      /** The machine that it goes on. */
      machineId: string;
    };
    output: Activation;
  };
  /**
   * Registered machines: where licenses are used.
   *
   * By machine ID. Floating: the machines on which a license is in use now. Per user: also those on which one was used before, until they are removed.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  listMachines: {
    input: InProduct & InPages;
    output: Page<Machine>;
  };
  /**
   * Deactivate a machine.
   *
   * Ends all that runs on it (`machine-removed`) and takes it off the registered machines; its license and its place are free at once. With `blockMinutes` it may not be used again for that time. Refused while an offline license is bound to it. It may be repeated.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  removeMachine: {
    input: InProduct & {
      /** The machine, by any stable ID of yours. */
      machineId: string;
      /** For how long no license may be activated on it; default: it may come back at once. */
      blockMinutes?: number;
    };
    output: undefined;
  };
  /**
   * Take the online licenses of a machine away.
   *
   * Ends all that runs online on it (`license-removed`). Where licenses belong to users, the machine stays registered. An offline license is never taken away: if there is nothing else on the machine, the answer is 409.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  removeMachineLicense: {
    input: InProduct & {
      /** The machine, by any stable ID of yours. */
      machineId: string;
    };
    output: undefined;
  };
  /**
   * Issue an offline license for a machine.
   *
   * Takes a seat until the license expires, whatever becomes of the subscription: you can neither revoke nor transfer it (the vendor alone can void it). Several for one machine are several parallel sessions. Send an `Idempotency-Key` (a random UUID) and a retry gets the same license again.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  issueOfflineLicense: {
    input: InProduct & {
      /** For example a random UUID. A retry with the same one gets the same answer, and makes nothing more. */
      idempotencyKey?: string;
      /** The machine, by any stable ID of yours. */
      machineId: string;
      /** Only ever earlier than the default: the end of the subscription, or the `maxDays` of its offline rules. */
      expiresAt?: string | null;
      /** For people to read. */
      description?: string | null;
      /** The member who uses it, if it is for one. */
      userId?: string | null;
    };
    output: OfflineLicense;
  };
  /**
   * Offline licenses, also expired ones.
   *
   * By id.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  listOfflineLicenses: {
    input: InProduct & InPages;
    output: Page<OfflineLicense>;
  };
  /**
   * Download the file of an offline license.
   *
   * A JSON Web Signature (RFC 7515) in its compact form, to be verified without a network with a key of `/.well-known/jwks.json`. The same bytes each time. The service no longer gives out the file of a voided license (403).
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  getOfflineLicenseFile: {
    input: InProduct & {
      /** The offline license. */
      licenseId: string;
    };
    output: string;
  };
  /**
   * Void an offline license.
   *
   * For licenses that were issued by mistake, or with a leaked credential. The seat is free at once. The signed file stays valid until its expiry, as nobody can tell a machine without a network: void a license only if you accept that. A repetition changes nothing, and keeps the first reason. An expired license stays as it is.
   *
   * **Who:** The vendor.
   */
  voidOfflineLicense: {
    input: InProduct & {
      /** The offline license. */
      licenseId: string;
      /** The reason, for the audit events, the owners and the admins. */
      reason: string;
    };
    output: OfflineLicense;
  };
  /**
   * Sessions, active and past: who used what when.
   *
   * The activations that ran at some time of the range, newest first, also of members and machines that were removed. A session that ends is missing for some seconds. A page may have fewer than asked for, or none, and still a `nextCursor`: go on with it. With `Accept: text/csv` the whole range is one file of up to 5,000 rows, whatever `limit` says; if there are more, the `Link` of `rel="next"` is the address of the rest.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  listSessions: {
    input: InProduct & InPages & {
      /** From then on: a day from its beginning (UTC), or an instant. Default: the first day of the month 12 months before `to`. */
      from?: string;
      /** Until then: a day to its end, or before an instant; at most 13 months after `from`. Default: today. */
      to?: string;
      /** The user. */
      userId?: string;
      /** The machine, by any stable ID of yours. */
      machineId?: string;
    };
    output: Page<Session>;
  };
  /**
   * Usage: how much was in use at most and on average, by how many, what was refused, and who waited.
   *
   * The whole of each hour, day or month (UTC) that the range touches, oldest first, without those that are yet to begin. The service counts the sessions; a session appears some seconds later. A page may have fewer intervals than asked for, or none, and still a `nextCursor`: go on with it. With `Accept: text/csv` the whole range is one file of up to 5,000 rows, whatever `limit` says; if there are more, the `Link` of `rel="next"` is the address of the rest.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  getUsage: {
    input: InProduct & InPages & {
      /** From then on: a day from its beginning (UTC), or an instant. Default: the first day of the month 12 months before `to`. */
      from?: string;
      /** Until then: a day to its end, or before an instant; at most 13 months after `from`. Default: today. */
      to?: string;
      /** The length of an interval. */
      granularity?: 'hour' | 'day' | 'month';
    };
    output: Page<Usage>;
  };
  /**
   * Sell, renew, resize, suspend or resume a subscription.
   *
   * Replaces the subscription: what is left out takes its default, but a note stays. A new subscription of a product that is not in the catalogue is refused, unless the catalogue is empty. One write at any quota. A smaller quota ends nobody: no new session comes in until fewer than the new quota are in use. A suspension or an earlier expiry ends running activations at their next heartbeat.
   *
   * **Who:** The vendor.
   */
  setSubscription: {
    input: InProduct & {
      /** It cannot be changed later. */
      licenseType: 'floating' | 'per-user';
      /** Default: the product code. */
      productName?: string;
      /** How many licenses are sold. */
      quota: number;
      /** On how many machines at most. Default: the quota. */
      machineQuota?: number;
      expiresAt: string;
      /** A lease lasts this long. */
      leaseSeconds?: number;
      offline?: {
        allowed: boolean;
        /** The longest an offline license may last; null: until the subscription ends. */
        maxDays?: number | null;
        /** Seats kept for online use. Default: 1, or 0 where the quota is 0 or 1. */
        reserveOnline?: number;
      };
      /** Per user: for how long nobody may work with an activation before it ends; null: for ever. */
      idleTimeoutMinutes?: number | null;
      /** A suspended one refuses activations, and ends those that run at their next heartbeat. */
      status?: 'active' | 'suspended';
      /** A trial: it ends by itself, and its mails say so. */
      trial?: boolean;
      /** For the vendor alone. If it is left out, it stays as it is; null removes it. */
      note?: string | null;
    };
    output: Subscription;
  };
  /**
   * Subscription details: the figures, and what uses them.
   *
   * **Who:** owner, admin, billing-manager, vendor; API keys of scope `full`.
   */
  getSubscription: {
    input: InProduct;
    output: Subscription;
  };
  /**
   * The products of an organization.
   *
   * Owners, admins and billing managers see the figures; a user sees which products there are. A page with figures has products of at most 500,000 licenses together, or one.
   *
   * **Who:** owner, admin, billing-manager, user; API keys of scope `full`.
   */
  listSubscriptions: {
    input: InOrganization & InPages;
    output: Page<Subscription | SubscriptionSummary>;
  };
  /**
   * The alerts of a product.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  getAlerts: {
    input: InProduct;
    output: Alerts;
  };
  /**
   * Set the alerts of a product.
   *
   * The schedule compares use and waiting times each minute, of more than 1,000 licenses less often. An alert is one mail to each owner and admin, and the event `alert.raised`; the next one comes after its cause had ended.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  setAlerts: {
    input: InProduct & {
      /** The used part of the quota; null: never. */
      usePercent: 80 | 90 | 100 | null;
      /** For how long the use must have been so high. */
      useMinutes: number;
      /** For how long somebody must have waited for a license; null: never. */
      waitMinutes: number | null;
    };
    output: Alerts;
  };
  /**
   * Send a test alert.
   *
   * Mails each owner and admin, and makes the event `alert.raised` of the kind `test`.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  testAlerts: {
    input: InProduct;
    output: undefined;
  };
  /**
   * The caller as the service knows it.
   *
   * Tells the organization of an API key, its role and its scope. Up to 30 seconds old.
   *
   * **Who:** Any caller with a valid credential.
   */
  getMe: {
    input: Record<string, never>;
    output: Me;
  };
  /**
   * The subscriptions of all organizations, with their use, also as CSV.
   *
   * In the order in which the organizations were created, each by product. A change appears some seconds later. The licenses in use are those of the last count, `countedAt`. A page may have fewer items than asked for, or none, and still a `nextCursor`: go on with it. With `Accept: text/csv` the list is one file of up to 5,000 rows, whatever `limit` says; if there are more, the `Link` of `rel="next"` is the address of the rest.
   *
   * **Who:** The vendor.
   */
  listSoldSubscriptions: {
    input: InPages & {
      /** Only subscriptions that have not expired: `ending` within 30 days; `full`: all licenses in use at the last count; `unused`: none in use at any count of the last two weeks. */
      state?: 'ending' | 'full' | 'unused';
      /** Words of the organization’s name or ID, the product code or the product name. */
      search?: string;
    };
    output: Page<SoldSubscription>;
  };
  /**
   * Put a product into the catalogue, or change it.
   *
   * Replaces the product: what is left out takes its default. While the catalogue is empty, every product code can be sold; from the first product on, only its products can. Subscriptions stay as they are.
   *
   * **Who:** The vendor.
   */
  setProduct: {
    input: {
      /** The product by its code. */
      product: string;
      name: string;
      /** `per-user`: a license belongs to a named user. `floating`: one running session takes one license. */
      licenseType: 'floating' | 'per-user';
      terms?: ProductTerms;
    };
    output: Product;
  };
  /**
   * A product of the catalogue.
   *
   * The detail of a 404 names products with similar codes.
   *
   * **Who:** The vendor.
   */
  getProduct: {
    input: {
      /** The product by its code. */
      product: string;
    };
    output: Product;
  };
  /**
   * Take a product out of the catalogue.
   *
   * It is not sold any more. Its subscriptions stay as they are, and can be renewed and changed. Without its last product the catalogue is empty: every product code can be sold again. Repeating is harmless.
   *
   * **Who:** The vendor.
   */
  removeProduct: {
    input: {
      /** The product by its code. */
      product: string;
    };
    output: undefined;
  };
  /**
   * The catalogue: the products that the vendor sells, by code.
   *
   * **Who:** The vendor.
   */
  listProducts: {
    input: InPages;
    output: Page<Product>;
  };
  /**
   * List the vendor’s audit events.
   *
   * Newest first: each change of the catalogue, and each change that the vendor made in an organization, a few seconds after it. `actor` is the subject of a sign-in. A page may have fewer events than asked for, or none, and still a `nextCursor`: go on with it.
   *
   * **Who:** The vendor.
   */
  listVendorAuditEvents: {
    input: InPages & {
      /** From then on. Default: 30 days before `to`. */
      from?: string;
      /** Before then; at most 400 days after `from`. Default: now. */
      to?: string;
      /** The actor, by its ID: a user (also through API keys), an API key. */
      actor?: string;
      /** The product by its code. */
      product?: string;
      /** The target, by its ID: a user, a session, a product. */
      target?: string;
      action?: VendorEventPattern;
    };
    output: Page<AuditEvent>;
  };
  /**
   * Your licenses: what you use, where and until when.
   *
   * The products of the organization, each with your own license, your live sessions and your latest refusals. End a session with `DELETE S/activations/{sessionId}`.
   *
   * **Who:** owner, admin, billing-manager, user; API keys of scope `full`.
   */
  listYourLicenses: {
    input: InOrganization & InPages;
    output: Page<YourLicense>;
  };
  /**
   * Create an organization and its first owner.
   *
   * The first sign-in with the verified `ownerEmail` becomes the owner. The service mails this address a link to the page, where it sends mails. Send an `Idempotency-Key` (a random UUID) and a retry gets the same organization again.
   *
   * **Who:** The vendor.
   */
  createOrganization: {
    input: {
      /** For example a random UUID. A retry with the same one gets the same answer, and makes nothing more. */
      idempotencyKey?: string;
      name: string;
      ownerEmail: string;
    };
    output: Organization;
  };
  /**
   * Your organizations.
   *
   * Those that you are a member of, with your role in each, also right after you became one. The vendor gets every organization, in the order in which they were created.
   *
   * **Who:** Any person who signed in; no API key.
   */
  listOrganizations: {
    input: InPages;
    output: Page<YourOrganization>;
  };
  /**
   * One organization.
   *
   * **Who:** owner, admin, billing-manager, user, vendor; API keys of scope `full`.
   */
  getOrganization: {
    input: InOrganization;
    output: Organization;
  };
  /**
   * The limits of an organization.
   *
   * Limits bound the number of things, and the rate of operations. The vendor sets them.
   *
   * **Who:** owner, admin, vendor; API keys of scope `full`.
   */
  getLimits: {
    input: InOrganization;
    output: Limits;
  };
  /**
   * Set the limits of an organization.
   *
   * Replaces all limits: an omitted limit takes its default. A smaller limit removes nothing: it bounds new things from then on. 0 allows none.
   *
   * **Who:** The vendor.
   */
  setLimits: {
    input: InOrganization & {
      /** Requests a second by one API key, on each instance of each function. */
      requestsPerSecond?: number;
      /** Requests at once by one API key that paused, on each instance of each function. */
      requestBurst?: number;
      /** API keys of one member that are neither revoked nor expired. */
      apiKeysPerMember?: number;
      /** Webhooks of the organization that are not removed. */
      webhooks?: number;
      /** Invitations of the organization on one day (UTC): each is a mail. */
      invitationsPerDay?: number;
      /** Invitations to one address on one day (UTC), repetitions included. */
      invitationsPerAddressAndDay?: number;
      /** Redeliveries to the webhooks of the organization, and tests of webhooks and alerts, in one minute. */
      redeliveriesPerMinute?: number;
      /** Test alerts on one day (UTC): each is a mail to each owner and admin. */
      alertTestsPerDay?: number;
      /** Offline licenses of one product that are issued on one day (UTC). null: 10, or a tenth of the quota if that is more. */
      offlineLicensesPerDay?: number | null;
    };
    output: Limits;
  };
  /**
   * The members of an organization.
   *
   * **Who:** owner, admin, billing-manager, user; API keys of scope `full`.
   */
  listMembers: {
    input: InOrganization & InPages;
    output: Page<Member>;
  };
  /**
   * Set a member’s role.
   *
   * Only an owner makes an owner, and only an owner changes an owner’s role; no API key does. A lower role revokes the grants that the member could no longer make: API keys for others and open invitations. The last owner cannot be demoted (400, at `/body/role`): to hand over an organization make another member an owner, then demote or remove yourself. A new role takes effect within 30 seconds (the authorizer’s cache). Invite a person who is no member.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  setMember: {
    input: InOrganization & {
      /** The user. */
      userId: string;
      role: Role;
    };
    output: Member;
  };
  /**
   * Remove a member.
   *
   * Ends the membership, revokes the member’s API keys, those that it made for others and its open invitations, ends its activations (`user-removed`) and takes its licenses away. Offline licenses stay until their expiry. Only an owner removes an owner, and no API key does; the last owner cannot be removed (400, at `/path/userId`): make another member an owner first. Repeating is harmless, and finishes a removal that failed half way. The member’s credentials stop working within 30 seconds (the authorizer’s cache); a session that it begins in these ends a minute later.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  removeMember: {
    input: InOrganization & {
      /** The user. */
      userId: string;
    };
    output: undefined;
  };
  /**
   * Invite people by email.
   *
   * Makes an invitation for each address, unless it is a member’s already, and mails it to the invited where the service sends mails. Its `token` is in that mail and in this answer alone: the invited accepts with it while signed in with that (verified) address. A new invitation replaces the earlier one of its address, whose token is then no longer good. Only an owner invites owners, and no API key does. An invitation ends with its inviter’s right to make it. Outcomes are in the order of the addresses, each address once.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  invite: {
    input: InOrganization & {
      emails: string[];
      role: Role;
      /** How long they can be accepted. */
      expiresInHours?: number;
    };
    output: {
      items: ({
        email: string;
        outcome: 'invited';
        invitation: Invitation & {
          /** `lhi_<id>_<secret>`, as whoever invited passed it on. */
          token: string;
        };
      } | {
        email: string;
        outcome: 'already-member';
        /** The user. */
        userId: string;
      })[];
    };
  };
  /**
   * Invitations that can still be accepted.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  listInvitations: {
    input: InOrganization & InPages;
    output: Page<Invitation>;
  };
  /**
   * Revoke an invitation.
   *
   * It can be accepted no longer, from now on. Who accepted it before stays a member. Repeating is harmless.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  revokeInvitation: {
    input: InOrganization & {
      /** The invitation. */
      invitationId: string;
    };
    output: undefined;
  };
  /**
   * Your invitations.
   *
   * The open invitations of the address that you signed in with, verified by your issuer. Accept one by its token. An invitation appears within seconds.
   *
   * **Who:** Any person who signed in; no API key.
   */
  listYourInvitations: {
    input: InPages;
    output: Page<YourInvitation>;
  };
  /**
   * Accept an invitation.
   *
   * Sign in with the invited address, verified by your issuer. An invitation is good once; a repetition by the same person gives the same membership. A member keeps its role. The answer is the same 404 for another’s invitation, for one that is unknown, expired, revoked or used, and for one that its inviter could no longer make. The organization opens to you within 30 seconds (the authorizer’s cache).
   *
   * **Who:** Any person who signed in; no API key.
   */
  acceptInvitation: {
    input: {
      /** `lhi_<id>_<secret>`, as whoever invited passed it on. */
      token: string;
    };
    output: Member & {
      /** The organization. */
      organizationId: string;
    };
  };
  /**
   * Start the recovery of a member.
   *
   * For a member who can no longer sign in as before, a sole owner above all: its membership of this one organization goes over to another sign-in with the same email address, once another member consents, or after 72 hours. Every member gets a mail. A member has one open recovery at most: a repetition returns that one.
   *
   * **Who:** The vendor.
   */
  startRecovery: {
    input: InOrganization & {
      /** The member who is locked out. */
      userId: string;
    };
    output: Recovery;
  };
  /**
   * Recoveries of members.
   *
   * The last recovery of each member, also after its end.
   *
   * **Who:** owner, admin, billing-manager, user, vendor; API keys of scope `full`.
   */
  listRecoveries: {
    input: InOrganization & InPages;
    output: Page<Recovery>;
  };
  /**
   * Consent to the recovery of a member.
   *
   * With your consent the member can complete it at once. Ask the member first, in person: you confirm that the new sign-in is theirs. The member concerned cannot consent, nor can the person who started the recovery. Your consent counts while you are a member. Repeating is harmless.
   *
   * **Who:** owner, admin, billing-manager, user, signed in; no API key.
   */
  consentToRecovery: {
    input: InOrganization & {
      /** The recovery. */
      recoveryId: string;
    };
    output: Recovery;
  };
  /**
   * Cancel the recovery of a member.
   *
   * An owner, an admin, the member concerned or the vendor cancels it. Nobody can complete a cancelled recovery; the vendor may start another one. Repeating is harmless.
   *
   * **Who:** owner, admin, billing-manager, user, vendor, signed in; no API key.
   */
  cancelRecovery: {
    input: InOrganization & {
      /** The recovery. */
      recoveryId: string;
    };
    output: undefined;
  };
  /**
   * Take your membership back.
   *
   * Sign in anew with the address of the membership, verified by your issuer. You get the membership with its role; the earlier sign-in loses it, and its API keys, invitations and licenses end. A repetition by the same person gives the same membership. The answer is the same 404 for a recovery of another address, for one that is unknown, not ready, cancelled, lapsed or completed by another, for a member, and for the two who started it and consented. The organization opens to you within 30 seconds (the authorizer’s cache).
   *
   * **Who:** Any person who signed in; no API key.
   */
  completeRecovery: {
    input: InOrganization & {
      /** The recovery. */
      recoveryId: string;
    };
    output: Member & {
      /** The organization. */
      organizationId: string;
    };
  };
  /**
   * Create an API key.
   *
   * A member makes keys for itself; owners and admins for any member, but only an owner for an owner: a key that an admin makes for another acts as an admin at most, whatever its member becomes, and ends with its maker’s right to make it. Only owners and admins set `maxSessions`. An API key makes no keys. This answer alone shows the key. Send an `Idempotency-Key` (a random UUID) and a retry gets the same key again.
   *
   * **Who:** owner, admin, billing-manager, user, signed in; no API key.
   */
  createApiKey: {
    input: InOrganization & {
      /** For example a random UUID. A retry with the same one gets the same answer, and makes nothing more. */
      idempotencyKey?: string;
      name: string;
      scope?: KeyScope;
      expiresAt?: string | null;
      /** How many sessions may run by the key for one product at once. null: as many as the quota. */
      maxSessions?: number | null;
      /** The member that the key acts as. Default: yourself. */
      userId?: string;
    };
    output: ApiKey & {
      /** `lh_<keyId>_<secret>`. Keep it: it is not shown again. */
      key: string;
    };
  };
  /**
   * API keys that are not revoked.
   *
   * Owners and admins see all, everyone else sees their own.
   *
   * **Who:** owner, admin, billing-manager, user; API keys of scope `full`.
   */
  listApiKeys: {
    input: InOrganization & InPages;
    output: Page<ApiKey>;
  };
  /**
   * Change the name or the maximum of an API key.
   *
   * Omitted fields stay as they are. An admin changes no owner’s key, and no API key changes any. A smaller maximum ends no session: it bounds new sessions, within 30 seconds (the authorizer’s cache). A key’s first maximum counts only sessions that begin after it.
   *
   * **Who:** owner, admin, signed in; no API key.
   */
  changeApiKey: {
    input: InOrganization & {
      /** The API key, by its ID. */
      keyId: string;
      name?: string;
      /** How many sessions may run by the key for one product at once. null: as many as the quota. */
      maxSessions?: number | null;
    };
    output: ApiKey;
  };
  /**
   * Revoke an API key.
   *
   * The key’s member, an owner or an admin revokes it. The key grants nothing more from now on, and the invitations that it made are revoked with it. The key stops working within 30 seconds (the authorizer’s cache); the sessions that it keeps in use end after a minute. Repeating is harmless.
   *
   * **Who:** owner, admin, billing-manager, user; API keys of scope `full`.
   */
  revokeApiKey: {
    input: InOrganization & {
      /** The API key, by its ID. */
      keyId: string;
    };
    output: undefined;
  };
  /**
   * What happened, and who did it.
   *
   * Newest first. Each change of the organization, its people, subscriptions, licenses and machines is one event, told a few seconds after it. Filters compare exactly. A page may have fewer events than asked for, or none, and still a `nextCursor`: go on with it.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  listAuditEvents: {
    input: InOrganization & InPages & {
      /** From then on. Default: 30 days before `to`. */
      from?: string;
      /** Before then; at most 400 days after `from`. Default: now. */
      to?: string;
      /** The actor, by its ID: a user (also through API keys), an API key. */
      actor?: string;
      /** The product by its code. */
      product?: string;
      /** The target, by its ID: a user, a session, a product. */
      target?: string;
      action?: EventPattern;
    };
    output: Page<AuditEvent>;
  };
  /**
   * Create a webhook.
   *
   * The service posts a challenge to the URL first. Once the target answers it, or somebody confirms it by hand, the service posts events from then on, signed by the Standard Webhooks scheme with the `secret` that this answer alone shows. The URL is `https`, of a public host, on port 443 or one from 1024 on. The limit `webhooks` bounds the number of webhooks. Send an `Idempotency-Key` (a random UUID) and a retry gets the same webhook again.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  createWebhook: {
    input: InOrganization & {
      /** For example a random UUID. A retry with the same one gets the same answer, and makes nothing more. */
      idempotencyKey?: string;
      url: string;
      events: EventPattern[];
    };
    output: Webhook & {
      /** `whsec_…` of the Standard Webhooks scheme. Keep it: it is not shown again. */
      secret: string;
    };
  };
  /**
   * Webhooks.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  listWebhooks: {
    input: InOrganization & InPages;
    output: Page<ListedWebhook>;
  };
  /**
   * Confirm a webhook.
   *
   * Send the challenge that the target received, if the target does not answer it itself. The service posts events from then on to the webhook. Repeating is harmless.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  confirmWebhook: {
    input: InOrganization & {
      webhookId: string;
      /** The `challenge` in the message to the target. */
      challenge: string;
    };
    output: Webhook;
  };
  /**
   * Remove a webhook.
   *
   * Nothing more is sent to it, also no delivery that is pending. Repeating is harmless for 30 days.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  removeWebhook: {
    input: InOrganization & {
      webhookId: string;
    };
    output: undefined;
  };
  /**
   * Give a webhook a new secret.
   *
   * For 24 hours, or as long as you say, deliveries are signed with both the new secret and the one before, so that the receiver can change over without missing any. No third one is ever good. Send an `Idempotency-Key` (a random UUID) and a retry gets the same secret again, or 400 if another rotation came since.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  rotateWebhookSecret: {
    input: InOrganization & {
      webhookId: string;
      /** For example a random UUID. A retry with the same one gets the same answer, and makes nothing more. */
      idempotencyKey?: string;
      /** How long the former secret still signs; 0 if it leaked. */
      overlapHours?: number;
    };
    output: Webhook & {
      /** `whsec_…` of the Standard Webhooks scheme. Keep it: it is not shown again. */
      secret: string;
      formerSecretExpiresAt: string;
    };
  };
  /**
   * What was sent to a webhook.
   *
   * Newest events first, for 30 days after they were delivered or parked.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  listWebhookDeliveries: {
    input: InOrganization & InPages & {
      webhookId: string;
      status?: DeliveryStatus;
    };
    output: Page<WebhookDelivery>;
  };
  /**
   * Deliver an event, or the challenge, again.
   *
   * Sends it now, whatever became of it before, and if that fails, again and again for 24 hours like a new one. Its `webhook-id` stays the same. Forbidden for a webhook that is disabled.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  redeliverWebhook: {
    input: InOrganization & {
      webhookId: string;
      deliveryId: string;
    };
    output: WebhookDelivery;
  };
  /**
   * Send a test event to a webhook.
   *
   * Sends `webhook.test`, whatever the webhook subscribes to, and attempts it like an event. The list of deliveries shows the answer. Forbidden for a webhook that is disabled or not confirmed. Counts as a redelivery.
   *
   * **Who:** owner, admin; API keys of scope `full`.
   */
  testWebhook: {
    input: InOrganization & {
      webhookId: string;
    };
    output: WebhookDelivery;
  };
  /**
   * Is the service up?.
   *
   * Reads one item of the table: 200 says that the service can reach its data.
   *
   * **Who:** Anyone.
   */
  health: {
    input: Record<string, never>;
    output: {
      status: 'ok';
    };
  };
  /**
   * This API as an OpenAPI 3.1 document.
   *
   * **Who:** Anyone.
   */
  openapiDocument: {
    input: Record<string, never>;
    output: {
      openapi: string;
    };
  };
  /**
   * The keys that offline licenses are verified with.
   *
   * A JSON Web Key Set: the key that signs now, and those that signed before.
   *
   * **Who:** Anyone.
   */
  jwks: {
    input: Record<string, never>;
    output: {
      keys: PublicKey[];
    };
  };
}

/** The route of each operation, and its features. */
export const routes = {
  activate: { method: 'POST', path: '/v1/organizations/{organizationId}/subscriptions/{product}/activations', body: true, answers: ['sessionId', 'accepted'] },
  listActivations: { method: 'GET', path: '/v1/organizations/{organizationId}/subscriptions/{product}/activations', query: ['limit', 'cursor'], list: true, csv: true, answers: ['items'] },
  heartbeat: { method: 'POST', path: '/v1/organizations/{organizationId}/subscriptions/{product}/activations/{sessionId}/heartbeat', body: true, answers: ['sessionId'] },
  deactivate: { method: 'DELETE', path: '/v1/organizations/{organizationId}/subscriptions/{product}/activations/{sessionId}', query: ['fence'] },
  getActivation: { method: 'GET', path: '/v1/organizations/{organizationId}/subscriptions/{product}/activations/{sessionId}', answers: ['sessionId'] },
  listLicensedUsers: { method: 'GET', path: '/v1/organizations/{organizationId}/subscriptions/{product}/licensed-users', query: ['limit', 'cursor', 'unusedForDays'], list: true, csv: true, answers: ['items'] },
  grantLicenses: { method: 'POST', path: '/v1/organizations/{organizationId}/subscriptions/{product}/licensed-users', body: true, answers: ['items'] },
  grantLicense: { method: 'PUT', path: '/v1/organizations/{organizationId}/subscriptions/{product}/licensed-users/{userId}', answers: ['userId'] },
  removeLicense: { method: 'DELETE', path: '/v1/organizations/{organizationId}/subscriptions/{product}/licensed-users/{userId}', query: ['ifUnusedForDays'] },
  transferLicense: { method: 'POST', path: '/v1/organizations/{organizationId}/subscriptions/{product}/licensed-users/{userId}/transfer', body: true, answers: ['userId'] },
  transferActivation: { method: 'POST', path: '/v1/organizations/{organizationId}/subscriptions/{product}/activations/{sessionId}/transfer', body: true, answers: ['sessionId'] },
  listMachines: { method: 'GET', path: '/v1/organizations/{organizationId}/subscriptions/{product}/machines', query: ['limit', 'cursor'], list: true, csv: true, answers: ['items'] },
  removeMachine: { method: 'DELETE', path: '/v1/organizations/{organizationId}/subscriptions/{product}/machines/{machineId}', query: ['blockMinutes'] },
  removeMachineLicense: { method: 'DELETE', path: '/v1/organizations/{organizationId}/subscriptions/{product}/machines/{machineId}/license' },
  issueOfflineLicense: { method: 'POST', path: '/v1/organizations/{organizationId}/subscriptions/{product}/offline-licenses', body: true, idempotencyKey: true, answers: ['id'] },
  listOfflineLicenses: { method: 'GET', path: '/v1/organizations/{organizationId}/subscriptions/{product}/offline-licenses', query: ['limit', 'cursor'], list: true, csv: true, answers: ['items'] },
  getOfflineLicenseFile: { method: 'GET', path: '/v1/organizations/{organizationId}/subscriptions/{product}/offline-licenses/{licenseId}/file' },
  voidOfflineLicense: { method: 'POST', path: '/v1/organizations/{organizationId}/subscriptions/{product}/offline-licenses/{licenseId}/void', body: true, answers: ['id'] },
  listSessions: { method: 'GET', path: '/v1/organizations/{organizationId}/subscriptions/{product}/sessions', query: ['limit', 'cursor', 'from', 'to', 'userId', 'machineId'], list: true, csv: true, answers: ['items'] },
  getUsage: { method: 'GET', path: '/v1/organizations/{organizationId}/subscriptions/{product}/usage', query: ['limit', 'cursor', 'from', 'to', 'granularity'], list: true, csv: true, answers: ['items'] },
  setSubscription: { method: 'PUT', path: '/v1/organizations/{organizationId}/subscriptions/{product}', body: true, answers: ['organizationId'] },
  getSubscription: { method: 'GET', path: '/v1/organizations/{organizationId}/subscriptions/{product}', answers: ['organizationId'] },
  listSubscriptions: { method: 'GET', path: '/v1/organizations/{organizationId}/subscriptions', query: ['limit', 'cursor'], list: true, csv: true, answers: ['items'] },
  getAlerts: { method: 'GET', path: '/v1/organizations/{organizationId}/subscriptions/{product}/alerts', answers: ['usePercent'] },
  setAlerts: { method: 'PUT', path: '/v1/organizations/{organizationId}/subscriptions/{product}/alerts', body: true, answers: ['usePercent'] },
  testAlerts: { method: 'POST', path: '/v1/organizations/{organizationId}/subscriptions/{product}/alerts/test' },
  getMe: { method: 'GET', path: '/v1/me', answers: ['type'] },
  listSoldSubscriptions: { method: 'GET', path: '/v1/subscriptions', query: ['limit', 'cursor', 'state', 'search'], list: true, csv: true, answers: ['items'] },
  setProduct: { method: 'PUT', path: '/v1/products/{product}', body: true, answers: ['product'] },
  getProduct: { method: 'GET', path: '/v1/products/{product}', answers: ['product'] },
  removeProduct: { method: 'DELETE', path: '/v1/products/{product}' },
  listProducts: { method: 'GET', path: '/v1/products', query: ['limit', 'cursor'], list: true, csv: true, answers: ['items'] },
  listVendorAuditEvents: { method: 'GET', path: '/v1/audit-events', query: ['limit', 'cursor', 'from', 'to', 'actor', 'product', 'target', 'action'], list: true, csv: true, answers: ['items'] },
  listYourLicenses: { method: 'GET', path: '/v1/organizations/{organizationId}/your-licenses', query: ['limit', 'cursor'], list: true, csv: true, answers: ['items'] },
  createOrganization: { method: 'POST', path: '/v1/organizations', body: true, idempotencyKey: true, answers: ['id'] },
  listOrganizations: { method: 'GET', path: '/v1/organizations', query: ['limit', 'cursor'], list: true, csv: true, answers: ['items'] },
  getOrganization: { method: 'GET', path: '/v1/organizations/{organizationId}', answers: ['id'] },
  getLimits: { method: 'GET', path: '/v1/organizations/{organizationId}/limits', answers: ['requestsPerSecond'] },
  setLimits: { method: 'PUT', path: '/v1/organizations/{organizationId}/limits', body: true, answers: ['requestsPerSecond'] },
  listMembers: { method: 'GET', path: '/v1/organizations/{organizationId}/members', query: ['limit', 'cursor'], list: true, csv: true, answers: ['items'] },
  setMember: { method: 'PUT', path: '/v1/organizations/{organizationId}/members/{userId}', body: true, answers: ['userId'] },
  removeMember: { method: 'DELETE', path: '/v1/organizations/{organizationId}/members/{userId}' },
  invite: { method: 'POST', path: '/v1/organizations/{organizationId}/invitations', body: true, answers: ['items'] },
  listInvitations: { method: 'GET', path: '/v1/organizations/{organizationId}/invitations', query: ['limit', 'cursor'], list: true, csv: true, answers: ['items'] },
  revokeInvitation: { method: 'DELETE', path: '/v1/organizations/{organizationId}/invitations/{invitationId}' },
  listYourInvitations: { method: 'GET', path: '/v1/invitations', query: ['limit', 'cursor'], list: true, csv: true, answers: ['items'] },
  acceptInvitation: { method: 'POST', path: '/v1/invitations/{token}/accept', answers: ['userId'] },
  startRecovery: { method: 'POST', path: '/v1/organizations/{organizationId}/recoveries', body: true, answers: ['id'] },
  listRecoveries: { method: 'GET', path: '/v1/organizations/{organizationId}/recoveries', query: ['limit', 'cursor'], list: true, csv: true, answers: ['items'] },
  consentToRecovery: { method: 'POST', path: '/v1/organizations/{organizationId}/recoveries/{recoveryId}/consent', answers: ['id'] },
  cancelRecovery: { method: 'DELETE', path: '/v1/organizations/{organizationId}/recoveries/{recoveryId}' },
  completeRecovery: { method: 'POST', path: '/v1/organizations/{organizationId}/recoveries/{recoveryId}/complete', answers: ['userId'] },
  createApiKey: { method: 'POST', path: '/v1/organizations/{organizationId}/api-keys', body: true, idempotencyKey: true, answers: ['id'] },
  listApiKeys: { method: 'GET', path: '/v1/organizations/{organizationId}/api-keys', query: ['limit', 'cursor'], list: true, csv: true, answers: ['items'] },
  changeApiKey: { method: 'PUT', path: '/v1/organizations/{organizationId}/api-keys/{keyId}', body: true, answers: ['id'] },
  revokeApiKey: { method: 'DELETE', path: '/v1/organizations/{organizationId}/api-keys/{keyId}' },
  listAuditEvents: { method: 'GET', path: '/v1/organizations/{organizationId}/audit-events', query: ['limit', 'cursor', 'from', 'to', 'actor', 'product', 'target', 'action'], list: true, csv: true, answers: ['items'] },
  createWebhook: { method: 'POST', path: '/v1/organizations/{organizationId}/webhooks', body: true, idempotencyKey: true, answers: ['id'] },
  listWebhooks: { method: 'GET', path: '/v1/organizations/{organizationId}/webhooks', query: ['limit', 'cursor'], list: true, csv: true, answers: ['items'] },
  confirmWebhook: { method: 'POST', path: '/v1/organizations/{organizationId}/webhooks/{webhookId}/confirm', body: true, answers: ['id'] },
  removeWebhook: { method: 'DELETE', path: '/v1/organizations/{organizationId}/webhooks/{webhookId}' },
  rotateWebhookSecret: { method: 'POST', path: '/v1/organizations/{organizationId}/webhooks/{webhookId}/rotate-secret', body: true, idempotencyKey: true, answers: ['id'] },
  listWebhookDeliveries: { method: 'GET', path: '/v1/organizations/{organizationId}/webhooks/{webhookId}/deliveries', query: ['limit', 'cursor', 'status'], list: true, csv: true, answers: ['items'] },
  redeliverWebhook: { method: 'POST', path: '/v1/organizations/{organizationId}/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver', answers: ['id'] },
  testWebhook: { method: 'POST', path: '/v1/organizations/{organizationId}/webhooks/{webhookId}/test', answers: ['id'] },
  health: { method: 'GET', path: '/v1/health', answers: ['status'] },
  openapiDocument: { method: 'GET', path: '/v1/openapi.json', answers: ['openapi'] },
  jwks: { method: 'GET', path: '/.well-known/jwks.json', answers: ['keys'] },
} as const;

/** The patterns of names that the service accepts, and of days and times. */
export const patterns = {
  product: /^[A-Z0-9-]{1,32}$/,
  machineId: /^[A-Za-z0-9._:@=+~-]{1,128}$/,
  day: /^(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|(?:02)-(?:0[1-9]|1\d|2[0-8])))$/,
  time: /^(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|(?:02)-(?:0[1-9]|1\d|2[0-8])))T(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|([+-](?:[01]\d|2[0-3]):[0-5]\d)))$/,
};
