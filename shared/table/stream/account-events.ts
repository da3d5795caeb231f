import type { Limits } from '../../contracts/schemas/limits.ts';
import { type ApiKey, makerOf } from '../../domain/accounts/api-key.ts';
import type { Invitation } from '../../domain/accounts/invitation.ts';
import { limitsOf } from '../../domain/accounts/limits.ts';
import type { EverMember } from '../../domain/accounts/member.ts';
import type { Organization } from '../../domain/accounts/organization.ts';
import type { Recovery } from '../../domain/accounts/recovery.ts';
import { utc } from '../../domain/activation.ts';
import type { Export } from '../../domain/history/export.ts';
import { isReported, type Tally } from '../../domain/history/tally.ts';
import type { Notice } from '../../domain/outbox/expiry-notice.ts';
import type { Webhook } from '../../domain/outbox/webhook.ts';
import type { Subscription, SubscriptionTerms } from '../../domain/subscription.ts';
import { poolOfItem } from '../store/keys.ts';
import { as, type EventMapper } from './event-types.ts';

/** Returns the values that changed, before and after; undefined if none did. */
const changesOf = (before: Record<string, unknown>, after: Record<string, unknown>) => {
  const changed = Object.keys(after).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
  if (changed.length === 0) return undefined;
  const only = (all: Record<string, unknown>) => Object.fromEntries(changed.map((name) => [name, all[name]]));
  return { before: only(before), after: only(after) };
};

const organization: EventMapper = (before, after) => {
  const { name, createdAt } = after as unknown as Organization;
  const target = { type: 'organization', id: poolOfItem(after).organizationId } as const;
  if (before) {
    const changes = changesOf(limitsOf(before.limits as Partial<Limits>), limitsOf(after.limits as Partial<Limits>));
    return changes && { action: 'organization.limits-set', target, details: changes };
  }
  return { action: 'organization.created', target, at: createdAt, details: { name } };
};

const member: EventMapper = (before, after) => {
  const was = as<EverMember>(before);
  const { userId, email, role, joinedAt, removedAt, recoveredAs } = after as unknown as EverMember;
  const target = { type: 'member', id: userId } as const;
  if (removedAt !== undefined)
    return was?.removedAt === undefined
      ? { action: 'member.removed', target, at: removedAt, details: { email, role, recoveredAs } }
      : undefined;
  if (!was || was.removedAt !== undefined)
    return { action: 'member.added', target, at: joinedAt, details: { email, role } };
  if (was.role === role) return undefined;
  return { action: 'member.role-changed', target, details: { email, before: { role: was.role }, after: { role } } };
};

const recovery: EventMapper = (before, after) => {
  const was = as<Recovery>(before);
  const now = after as unknown as Recovery;
  const { id: recoveryId, userId, email, role, effectiveAt, expiresAt, completedAs } = now;
  const target = { type: 'member', id: userId } as const;
  const what = { recoveryId, email, role };
  // A new recovery takes the place of one that is over.
  if (was?.id !== recoveryId)
    return {
      action: 'member.recovery-started',
      target,
      at: now.startedAt,
      details: { ...what, effectiveAt: utc(effectiveAt), expiresAt: utc(expiresAt) },
    };
  if (was.completedAt === undefined && now.completedAt !== undefined)
    return {
      action: 'member.recovery-completed',
      target,
      at: now.completedAt,
      details: { ...what, recoveredAs: completedAs },
    };
  if (was.cancelledAt === undefined && now.cancelledAt !== undefined)
    return { action: 'member.recovery-cancelled', target, at: now.cancelledAt, details: what };
  if (was.consentedBy !== now.consentedBy)
    return { action: 'member.recovery-consented', target, at: now.consentedAt, details: what };
  return undefined;
};

const invitation: EventMapper = (before, after) => {
  const was = as<Invitation>(before);
  const now = after as unknown as Invitation;
  const { id, email, role } = now;
  const target = { type: 'invitation', id } as const;
  // Who is invited again gets a new one in its place.
  if (was?.secretHash !== now.secretHash)
    return {
      action: 'invitation.created',
      target,
      at: now.invitedAt,
      details: { email, role, expiresAt: utc(now.expiresAt) },
    };
  if (was.acceptedBy !== now.acceptedBy)
    return { action: 'invitation.accepted', target, details: { email, role, userId: now.acceptedBy } };
  if (was.revokedAt === undefined && now.revokedAt !== undefined)
    return { action: 'invitation.revoked', target, at: now.revokedAt, details: { email, role } };
  if (was.expiredAt === undefined && now.expiredAt !== undefined)
    return { action: 'invitation.expired', target, at: now.expiredAt, details: { email, role } };
  return undefined;
};

const apiKey: EventMapper = (before, after) => {
  const was = as<ApiKey>(before);
  const key = after as unknown as ApiKey;
  const { id, name, userId, scope, maxSessions = null, createdAt, expiresAt, revokedAt, expiredAt } = key;
  const target = { type: 'api-key', id } as const;
  const details = {
    name,
    userId,
    createdBy: makerOf(key),
    scope,
    maxSessions,
    expiresAt: expiresAt === null ? null : utc(expiresAt),
  };
  if (!was) return { action: 'api-key.created', target, at: createdAt, details };
  if (was.revokedAt === undefined && revokedAt !== undefined)
    return { action: 'api-key.revoked', target, at: revokedAt, details };
  if (was.expiredAt === undefined && expiredAt !== undefined)
    return { action: 'api-key.expired', target, at: expiredAt, details };
  // Without changes, the write noted a use of the key, or set the same values again.
  const changes = changesOf({ name: was.name, maxSessions: was.maxSessions ?? null }, { name, maxSessions });
  return changes && { action: 'api-key.changed', target, details: { userId, ...changes } };
};

/** What the vendor sets, as the API calls it. */
const termsOf = (subscription: SubscriptionTerms): Record<string, unknown> => ({
  productName: subscription.productName,
  licenseType: subscription.licenseType,
  quota: subscription.quota,
  machineQuota: subscription.machineQuota,
  expiresAt: utc(subscription.expiresAt),
  leaseSeconds: subscription.leaseSeconds,
  offline: subscription.offline,
  idleTimeoutMinutes: subscription.idleTimeoutMinutes,
  status: subscription.suspended ? 'suspended' : 'active',
});

const subscription: EventMapper = (before, after) => {
  const was = as<Subscription>(before);
  const now = after as unknown as Subscription;
  const target = { type: 'subscription', id: now.product } as const;
  const terms = termsOf(now);
  if (!was) return { action: 'subscription.created', target, at: now.createdAt, details: terms };
  // Without changes, the write was the engine's own note, or set the same terms again.
  const changes = changesOf(termsOf(was), terms);
  return changes && { action: 'subscription.changed', target, details: changes };
};

/** Of a subscription's end, ahead or come: each notice is written once, and never changed. */
const notice: EventMapper = (before, after) => {
  if (before) return undefined;
  const { product, kind, daysLeft, expiresAt, noticedAt, endedAt } = after as unknown as Notice;
  const target = { type: 'subscription', id: product } as const;
  const end = { expiresAt: utc(expiresAt) };
  return kind === 'expired'
    ? { action: 'subscription.expired', target, at: endedAt, details: end }
    : { action: 'subscription.expiring', target, at: noticedAt, details: { daysLeft, ...end } };
};

const webhook: EventMapper = (before, after) => {
  const was = as<Webhook>(before);
  const { id, url, events, createdAt, confirmedAt, removedAt, secretVersion, formerSecretUntil } =
    after as unknown as Webhook;
  const target = { type: 'webhook', id } as const;
  // Of the URL its host alone: the rest may be a secret of its target.
  const details = { host: new URL(url).host, events };
  if (!was) return { action: 'webhook.created', target, at: createdAt, details };
  if (was.removedAt === undefined && removedAt !== undefined)
    return { action: 'webhook.removed', target, at: removedAt, details };
  if (was.confirmedAt === undefined && confirmedAt !== undefined)
    return { action: 'webhook.confirmed', target, at: confirmedAt, details };
  if (was.secretVersion !== secretVersion)
    return {
      action: 'webhook.secret-rotated',
      target,
      details: { ...details, formerSecretExpiresAt: formerSecretUntil === undefined ? null : utc(formerSecretUntil) },
    };
  return undefined;
};

/** Tells the export of a file: of an offline license, or of a report. */
const exported: EventMapper = (before, after) => {
  if (before) return undefined;
  const { target, at, details } = after as unknown as Export;
  const action = target.type === 'report' ? 'report.exported' : 'offline-license.downloaded';
  return { action, target, at, details };
};

/** Tells the count of a refusal: at 1 in an hour, and whenever the count gains a digit. */
const tally: EventMapper = (before, after) => {
  const now = after as unknown as Tally;
  if (!isReported(as<Tally>(before)?.count ?? 0, now.count)) return undefined;
  const counted = { count: now.count, firstAt: utc(now.firstAt), lastAt: utc(now.lastAt) };
  return now.kind === 'authentication'
    ? {
        action: 'authentication.failed',
        target: { type: 'api-key', id: now.keyId },
        at: now.lastAt,
        details: { reason: now.reason, source: now.source, ...counted },
      }
    : {
        action: 'authorization.refused',
        target: { type: 'organization', id: now.organizationId },
        at: now.lastAt,
        details: { operation: now.operation, ...counted },
      };
};

/** The events of an organization's people, keys, subscriptions and webhooks, and of notes for the trail alone, by item. */
export const accountEvents: Readonly<Record<string, EventMapper>> = {
  ORG: organization,
  MEMBER: member,
  RECOVERY: recovery,
  INVITATION: invitation,
  KEY: apiKey,
  SUB: subscription,
  NOTICE: notice,
  WEBHOOK: webhook,
  EXPORT: exported,
  TALLY: tally,
};
