import type { AuditEvent } from '../../../shared/domain/history/audit.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import type { Item } from '../../../shared/table/store/table.ts';

const pool = { organizationId: 'org_a', product: 'KRE' };
/** When the stream says that a change was made, epoch ms. */
export const streamAt = 9_000;

export const admin = 'user#usr_admin';
const runner = 'api-key#key1#usr_u';

export const session = {
  ...keys.session(pool, 's'),
  sessionId: 's',
  status: 'active',
  number: 3,
  fence: 7,
  revision: 1,
  userId: 'usr_u',
  machineId: 'm',
  activatedAt: 1000,
  leaseSeconds: 60,
  previous: [],
  actor: runner,
};
const endOf = (of: typeof session, reason: string, at = 5000) => ({
  number: of.number,
  fence: of.fence,
  userId: of.userId,
  reason,
  at,
});
export const ended = { ...session, status: 'ended', endedReason: 'released', endedAt: 4000, revision: 2 };
const again = { ...session, fence: 9, revision: 2, activatedAt: 6000, previous: [endOf(session, 'lease-expired')] };
const voided = { ...again, status: 'ended', endedReason: 'machine-removed', endedAt: 7000 };
const moving = { ...session, revision: 2, moving: { id: 'x', machineId: 'n', fence: 8, at: 4500 } };
const moved = { ...session, fence: 8, machineId: 'n', previous: [endOf(session, 'license-transferred')], actor: admin };

const license = {
  ...keys.license(pool, 'usr_u'),
  status: 'active',
  number: 2,
  fence: 4,
  revision: 3,
  userId: 'usr_u',
  previous: [],
  licensedAt: 2000,
  useFence: 0,
  over: [],
  actor: 'service#schedule',
};
const pending = { ...license, status: 'pending', actor: admin };
const from = { userId: 'usr_v', fence: 3, intent: 'i' };
const licenseEnded = (reason: string) => ({
  ...license,
  status: 'ended',
  endedReason: reason,
  endedAt: 8000,
  actor: admin,
});

const offline = {
  ...keys.offlineLicense(pool, 'off_1'),
  status: 'active',
  number: 5,
  fence: 1,
  revision: 2,
  userId: '',
  previous: [],
  id: 'off_1',
  machineId: 'lab',
  usedBy: null,
  description: 'the lab',
  licenseType: 'floating',
  issuedAt: 3000,
  expiresAt: 100_000,
  askedExpiry: null,
  actor: 'service#schedule',
};
const product = {
  ...keys.product('KRE'),
  product: 'KRE',
  name: 'Runner',
  licenseType: 'floating',
  terms: { quota: 10, months: 12 },
  changedAt: 40,
  actor: 'vendor#v',
};
const webhook = {
  ...keys.webhook({ organizationId: 'org_a', id: 'whk_1' }),
  id: 'whk_1',
  organizationId: 'org_a',
  url: 'https://hooks.example.com:8443/token-of-the-target',
  events: ['license.*'],
  createdAt: 1800,
  secretVersion: 1,
  actor: admin,
};

const machine = {
  ...keys.machine(pool, 'm'),
  status: 'active',
  number: 1,
  fence: 1,
  revision: 1,
  userId: 'usr_u',
  previous: [],
  machineId: 'm',
  registeredAt: 1500,
  lastSeenAt: 1500,
  actor: runner,
};
const machineEnded = { ...machine, status: 'ended', endedReason: 'machine-removed', endedAt: 2500, actor: admin };

const subscription = {
  ...keys.subscription(pool),
  ...pool,
  productName: 'KRE',
  licenseType: 'floating',
  quota: 5,
  machineQuota: 5,
  expiresAt: 50_000,
  leaseSeconds: 60,
  offline: { allowed: false, maxDays: null, reserveOnline: 0 },
  idleTimeoutMinutes: null,
  suspended: false,
  createdAt: 500,
  claimable: 5,
  machineClaimable: 0,
  slotsComplete: false,
  version: 1,
  actor: 'vendor#v',
};
const member = {
  ...keys.member('org_a', 'usr_u'),
  userId: 'usr_u',
  email: 'u@acme.example',
  name: 'U',
  role: 'user',
  joinedAt: 100,
  actor: admin,
};
const removedMember = { ...member, removedAt: 200 };
const recovery = {
  ...keys.recovery('org_a', 'usr_u'),
  id: 'rec_1',
  organizationId: 'org_a',
  userId: 'usr_u',
  email: 'u@acme.example',
  role: 'owner',
  joinedAt: 100,
  startedAt: 150,
  startedBy: 'vendor#sub',
  effectiveAt: 259_200_150,
  expiresAt: 1_209_600_150,
  actor: 'vendor#sub',
};
const consented = { ...recovery, consentedBy: 'usr_admin', consentedAt: 160, actor: admin };
const recovered = { recoveryId: 'rec_1', email: 'u@acme.example', role: 'owner' };
const invitation = {
  ...keys.invitation('org_a', 'inv_1'),
  id: 'inv_1',
  organizationId: 'org_a',
  email: 'new@acme.example',
  role: 'user',
  invitedAt: 300,
  expiresAt: 86_400_300,
  invitedBy: 'usr_admin',
  secretHash: 'hash-of-secret',
  actor: admin,
};
const key = {
  ...keys.apiKey('org_a', 'key1'),
  id: 'key1',
  organizationId: 'org_a',
  userId: 'usr_u',
  name: 'ci',
  scope: 'activate',
  createdAt: 400,
  expiresAt: null,
  secretHash: 'hash-of-secret',
  actor: admin,
};
const organization = { ...keys.organization('org_a'), name: 'Acme', createdAt: 50, actor: 'vendor#v' };
const refusal = {
  ...keys.refusal(pool, 's', 'license-quota'),
  ...pool,
  sessionId: 's',
  reason: 'license-quota',
  at: 700,
  userId: 'usr_u',
  machineId: 'm',
  quota: 3,
  inUse: 3,
  actor: runner,
};

export const started = { userId: 'usr_u', machineId: 'm', seat: 3, fence: 7, startedAt: '1970-01-01T00:00:01.000Z' };
const restarted = { ...started, fence: 9, startedAt: '1970-01-01T00:00:06.000Z' };

/** Who writes what the schedule finds. */
const schedule = 'service#schedule';
const notice = {
  ...keys.notice(pool, 864_000_000, 7),
  ...pool,
  kind: 'expiring',
  step: 7,
  daysLeft: 7,
  expiresAt: 864_000_000,
  noticedAt: 259_200_500,
  actor: schedule,
};
const lastNotice = { ...notice, kind: 'expired', step: 0, daysLeft: 0, noticedAt: 864_060_000, endedAt: 864_000_000 };

const alert = {
  ...keys.alert(pool),
  ...pool,
  usePercent: null,
  useMinutes: 5,
  waitMinutes: null,
  setAt: 1000,
  settingId: 'a',
  revision: 1,
  actor: admin,
};
const watching = { ...alert, usePercent: 90, settingId: 'b', setAt: 2000, revision: 2 };
const raisedUse = { at: 3000, used: 9, quota: 10, waitedMinutes: 0 };
const raised = { ...watching, revision: 3, state: { useSince: 1, use: raisedUse }, actor: schedule };

const exported = {
  ...keys.export(pool, 2100, 'exp_2'),
  target: { type: 'report', id: 'sessions' },
  details: { from: '2026-02-01T00:00:00.000Z', to: '2027-02-01T00:00:00.000Z', rows: 12 },
  at: 2100,
  actor: admin,
};
const failures = {
  ...keys.tally('org_a', 0, 'authentication#key1#wrong-secret'),
  kind: 'authentication',
  organizationId: 'org_a',
  keyId: 'key1',
  reason: 'wrong-secret',
  source: '192.0.2.7',
  hour: 0,
  count: 1,
  firstAt: 2200,
  lastAt: 2200,
  actor: 'service#sign-in',
};

/** A change, and what it must tell. */
type Case = [what: string, before: Item | undefined, after: Item, expected: Partial<AuditEvent>];
/** Changes that are events. */
export const events: Case[] = [
  [
    'the vendor puts a product into its catalogue',
    undefined,
    product,
    {
      action: 'product.added',
      at: 40,
      organizationId: 'vendor',
      product: 'KRE',
      actor: 'vendor#v',
      target: { type: 'product', id: 'KRE' },
      details: { name: 'Runner', licenseType: 'floating', terms: { quota: 10, months: 12 } },
    },
  ],
  [
    'the vendor changes a product',
    product,
    { ...product, name: 'The Runner', terms: { quota: 25, months: 12 }, changedAt: 45 },
    {
      action: 'product.changed',
      at: 45,
      organizationId: 'vendor',
      details: {
        before: { name: 'Runner', terms: { quota: 10, months: 12 } },
        after: { name: 'The Runner', terms: { quota: 25, months: 12 } },
      },
    },
  ],
  [
    'the vendor takes a product out of its catalogue',
    product,
    { ...product, removedAt: 48 },
    {
      action: 'product.removed',
      at: 48,
      organizationId: 'vendor',
      details: { name: 'Runner', licenseType: 'floating', terms: { quota: 10, months: 12 } },
    },
  ],
  [
    'the vendor puts a product in again',
    { ...product, removedAt: 48 },
    { ...product, changedAt: 49 },
    { action: 'product.added', at: 49, organizationId: 'vendor', target: { type: 'product', id: 'KRE' } },
  ],
  [
    'an organization is created',
    undefined,
    organization,
    { action: 'organization.created', at: 50, details: { name: 'Acme' } },
  ],
  [
    'the vendor sets limits',
    organization,
    { ...organization, limits: { webhooks: 20 }, actor: 'vendor#v' },
    {
      action: 'organization.limits-set',
      at: streamAt,
      details: { before: { webhooks: 10 }, after: { webhooks: 20 } },
    },
  ],
  [
    'somebody becomes a member',
    undefined,
    member,
    { action: 'member.added', at: 100, actor: admin, details: { email: 'u@acme.example', role: 'user' } },
  ],
  [
    'a removed person becomes a member again',
    removedMember,
    { ...member, joinedAt: 900 },
    { action: 'member.added', at: 900 },
  ],
  [
    'a role changes',
    member,
    { ...member, role: 'admin' },
    {
      action: 'member.role-changed',
      at: streamAt,
      details: { email: 'u@acme.example', before: { role: 'user' }, after: { role: 'admin' } },
    },
  ],
  [
    'a member is removed',
    member,
    removedMember,
    { action: 'member.removed', at: 200, details: { email: 'u@acme.example', role: 'user' } },
  ],
  [
    'a membership goes over to another sign-in',
    member,
    { ...removedMember, recoveredAs: 'usr_v' },
    { action: 'member.removed', at: 200, details: { email: 'u@acme.example', role: 'user', recoveredAs: 'usr_v' } },
  ],
  [
    'the vendor starts a recovery',
    undefined,
    recovery,
    {
      action: 'member.recovery-started',
      at: 150,
      actor: 'vendor#sub',
      target: { type: 'member', id: 'usr_u' },
      details: { ...recovered, effectiveAt: '1970-01-04T00:00:00.150Z', expiresAt: '1970-01-15T00:00:00.150Z' },
    },
  ],
  [
    'the vendor starts another recovery afterwards',
    { ...recovery, cancelledAt: 170 },
    { ...recovery, id: 'rec_2', startedAt: 180 },
    { action: 'member.recovery-started', at: 180 },
  ],
  [
    'a member consents to a recovery',
    recovery,
    consented,
    {
      action: 'member.recovery-consented',
      at: 160,
      actor: admin,
      target: { type: 'member', id: 'usr_u' },
      details: recovered,
    },
  ],
  [
    'another member consents to the recovery',
    consented,
    { ...consented, consentedBy: 'usr_x', consentedAt: 165 },
    { action: 'member.recovery-consented', at: 165 },
  ],
  [
    'a recovery is cancelled',
    consented,
    { ...consented, cancelledAt: 170 },
    {
      action: 'member.recovery-cancelled',
      at: 170,
      actor: admin,
      target: { type: 'member', id: 'usr_u' },
      details: recovered,
    },
  ],
  [
    'a recovery is completed',
    consented,
    { ...consented, completedAt: 190, completedAs: 'usr_v', actor: 'user#usr_new' },
    {
      action: 'member.recovery-completed',
      at: 190,
      target: { type: 'member', id: 'usr_u' },
      details: { ...recovered, recoveredAs: 'usr_v' },
    },
  ],
  [
    'somebody is invited',
    undefined,
    invitation,
    {
      action: 'invitation.created',
      at: 300,
      details: { email: 'new@acme.example', role: 'user', expiresAt: '1970-01-02T00:00:00.300Z' },
    },
  ],
  [
    'somebody is invited again, after the first invitation was revoked',
    { ...invitation, revokedAt: 350 },
    { ...invitation, invitedAt: 360, secretHash: 'other' },
    { action: 'invitation.created', at: 360 },
  ],
  [
    'an invitation is accepted',
    invitation,
    { ...invitation, acceptedBy: 'usr_n', actor: 'user#usr_n' },
    {
      action: 'invitation.accepted',
      at: streamAt,
      actor: 'user#usr_n',
      details: { email: 'new@acme.example', role: 'user', userId: 'usr_n' },
    },
  ],
  [
    'an invitation is revoked',
    invitation,
    { ...invitation, revokedAt: 380 },
    { action: 'invitation.revoked', at: 380, details: { email: 'new@acme.example', role: 'user' } },
  ],
  [
    'an invitation expires',
    invitation,
    { ...invitation, expiredAt: 86_400_300, actor: schedule },
    {
      action: 'invitation.expired',
      at: 86_400_300,
      actor: schedule,
      details: { email: 'new@acme.example', role: 'user' },
    },
  ],
  [
    'an API key is created',
    undefined,
    key,
    {
      action: 'api-key.created',
      at: 400,
      details: {
        name: 'ci',
        userId: 'usr_u',
        createdBy: 'usr_u',
        scope: 'activate',
        maxSessions: null,
        expiresAt: null,
      },
    },
  ],
  [
    'an API key gets a maximum',
    key,
    { ...key, maxSessions: 3 },
    {
      action: 'api-key.changed',
      details: { userId: 'usr_u', before: { maxSessions: null }, after: { maxSessions: 3 } },
    },
  ],
  ['an API key is revoked', key, { ...key, revokedAt: 450 }, { action: 'api-key.revoked', at: 450 }],
  [
    'an API key expires',
    { ...key, expiresAt: 86_400_000 },
    { ...key, expiresAt: 86_400_000, expiredAt: 86_400_000, actor: schedule },
    {
      action: 'api-key.expired',
      at: 86_400_000,
      actor: schedule,
      details: {
        name: 'ci',
        userId: 'usr_u',
        createdBy: 'usr_u',
        scope: 'activate',
        maxSessions: null,
        expiresAt: '1970-01-02T00:00:00.000Z',
      },
    },
  ],
  [
    'a subscription is sold',
    undefined,
    subscription,
    { action: 'subscription.created', at: 500, product: 'KRE', target: { type: 'subscription', id: 'KRE' } },
  ],
  [
    'the terms of a subscription change',
    subscription,
    { ...subscription, quota: 8, suspended: true, expiresAt: 60_000, claimable: 8, version: 2 },
    {
      action: 'subscription.changed',
      details: {
        before: { quota: 5, status: 'active', expiresAt: '1970-01-01T00:00:50.000Z' },
        after: { quota: 8, status: 'suspended', expiresAt: '1970-01-01T00:01:00.000Z' },
      },
    },
  ],
  [
    'the alerts of a product are set',
    alert,
    watching,
    {
      action: 'alert.set',
      at: 2000,
      actor: admin,
      product: 'KRE',
      target: { type: 'subscription', id: 'KRE' },
      details: { before: { usePercent: null }, after: { usePercent: 90 } },
    },
  ],
  [
    'an alert is raised',
    watching,
    raised,
    {
      action: 'alert.raised',
      at: 3000,
      actor: schedule,
      product: 'KRE',
      target: { type: 'subscription', id: 'KRE' },
      details: { kind: 'use', used: 9, quota: 10, waitedMinutes: 0 },
    },
  ],
  [
    'a subscription is about to end',
    undefined,
    notice,
    {
      action: 'subscription.expiring',
      at: 259_200_500,
      actor: schedule,
      product: 'KRE',
      target: { type: 'subscription', id: 'KRE' },
      details: { daysLeft: 7, expiresAt: '1970-01-11T00:00:00.000Z' },
    },
  ],
  [
    'a subscription ends',
    undefined,
    lastNotice,
    {
      action: 'subscription.expired',
      at: 864_000_000,
      actor: schedule,
      product: 'KRE',
      target: { type: 'subscription', id: 'KRE' },
      details: { expiresAt: '1970-01-11T00:00:00.000Z' },
    },
  ],
  [
    'a license is granted: the event names the requester, even if another request completed the grant',
    pending,
    license,
    {
      action: 'license.granted',
      at: 2000,
      actor: admin,
      product: 'KRE',
      target: { type: 'licensed-user', id: 'usr_u' },
      details: { seat: 2 },
    },
  ],
  [
    'a license is transferred',
    { ...pending, from },
    { ...license, from },
    { action: 'license.transferred', actor: admin, details: { seat: 2, from: 'usr_v' } },
  ],
  [
    'a license is removed',
    license,
    licenseEnded('user-removed'),
    { action: 'license.removed', at: 8000, details: { seat: 2, reason: 'user-removed' } },
  ],
  [
    'a license is removed during its transfer',
    { ...pending, from },
    { ...licenseEnded('user-removed'), from },
    { action: 'license.removed' },
  ],
  [
    'an activation is refused',
    undefined,
    refusal,
    {
      action: 'license.refused',
      at: 700,
      actor: runner,
      target: { type: 'activation', id: 's' },
      details: { reason: 'license-quota', quota: 3, inUse: 3, userId: 'usr_u', machineId: 'm' },
    },
  ],
  [
    'a session starts',
    undefined,
    session,
    {
      action: 'activation.started',
      at: 1000,
      actor: runner,
      product: 'KRE',
      target: { type: 'activation', id: 's' },
      details: started,
    },
  ],
  ['a session begins after its end', ended, again, { action: 'activation.started', at: 6000, details: restarted }],
  [
    'a session starts again after an unrecorded lapse',
    session,
    again,
    { action: 'activation.started', details: { ...restarted, ended: { ...started, reason: 'lease-expired' } } },
  ],
  [
    'a session moves to another machine',
    moving,
    moved,
    {
      action: 'activation.transferred',
      at: 5000,
      actor: admin,
      details: {
        userId: 'usr_u',
        seat: 3,
        fence: 8,
        startedAt: started.startedAt,
        before: { machineId: 'm' },
        after: { machineId: 'n' },
      },
    },
  ],
  [
    'a voided claim replaces a session after an unrecorded lapse',
    session,
    voided,
    { action: 'activation.ended', at: 5000, details: { ...started, reason: 'lease-expired' } },
  ],
  [
    'a waiting session is removed from the queue',
    undefined,
    { ...ended, number: 0, fence: 0, activatedAt: 5000, endedAt: 5000, endedReason: 'license-removed', actor: admin },
    {
      action: 'activation.ended',
      at: 5000,
      actor: admin,
      details: { userId: 'usr_u', machineId: 'm', seat: null, reason: 'license-removed' },
    },
  ],
  [
    'an offline license is issued',
    { ...offline, status: 'pending', actor: admin },
    offline,
    {
      action: 'offline-license.issued',
      at: 3000,
      actor: admin,
      target: { type: 'offline-license', id: 'off_1' },
      details: {
        machineId: 'lab',
        userId: null,
        description: 'the lab',
        seat: 5,
        expiresAt: '1970-01-01T00:01:40.000Z',
      },
    },
  ],
  [
    'an offline license expires',
    { ...offline, jws: 'signed' },
    { ...offline, jws: 'signed', expiredAt: 100_000, actor: schedule },
    {
      action: 'offline-license.expired',
      at: 100_000,
      actor: schedule,
      target: { type: 'offline-license', id: 'off_1' },
      details: {
        machineId: 'lab',
        userId: null,
        description: 'the lab',
        seat: 5,
        expiresAt: '1970-01-01T00:01:40.000Z',
      },
    },
  ],
  [
    'a machine is registered',
    undefined,
    machine,
    { action: 'machine.registered', at: 1500, details: { userId: 'usr_u' } },
  ],
  [
    'the vendor voids an offline license',
    { ...offline, jws: 'signed' },
    { ...offline, jws: 'signed', voidedAt: 5000, voidReason: 'Leaked', actor: 'vendor#v' },
    {
      action: 'offline-license.voided',
      at: 5000,
      actor: 'vendor#v',
      target: { type: 'offline-license', id: 'off_1' },
      details: {
        machineId: 'lab',
        userId: null,
        description: 'the lab',
        seat: 5,
        expiresAt: '1970-01-01T00:01:40.000Z',
        reason: 'Leaked',
      },
    },
  ],
  [
    'a machine is registered for an offline license',
    machineEnded,
    { ...machine, userId: '' },
    { action: 'machine.registered', details: { userId: null } },
  ],
  [
    'a machine is deactivated for a time',
    machine,
    { ...machineEnded, blockedUntil: 9500 },
    {
      action: 'machine.removed',
      at: 2500,
      actor: admin,
      details: { reason: 'machine-removed', blockedUntil: '1970-01-01T00:00:09.500Z' },
    },
  ],
  [
    'a machine without a record is deactivated',
    undefined,
    machineEnded,
    { action: 'machine.removed', details: { reason: 'machine-removed' } },
  ],
  [
    'a machine is deactivated again',
    { ...machineEnded, blockedUntil: 2000 },
    { ...machineEnded, blockedUntil: 2000, endedAt: 2600 },
    { action: 'machine.removed', details: { reason: 'machine-removed' } },
  ],
  [
    'a machine leaves with its user',
    machine,
    { ...machineEnded, endedReason: 'user-removed' },
    { action: 'machine.removed', details: { reason: 'user-removed' } },
  ],
  [
    'a webhook is created',
    undefined,
    webhook,
    {
      action: 'webhook.created',
      at: 1800,
      target: { type: 'webhook', id: 'whk_1' },
      details: { host: 'hooks.example.com:8443', events: ['license.*'] },
    },
  ],
  [
    'a webhook is confirmed',
    { ...webhook, challenge: 'c' },
    { ...webhook, challenge: 'c', confirmedAt: 1850, actor: admin },
    {
      action: 'webhook.confirmed',
      at: 1850,
      actor: admin,
      target: { type: 'webhook', id: 'whk_1' },
      details: { host: 'hooks.example.com:8443', events: ['license.*'] },
    },
  ],
  [
    'a webhook is removed',
    webhook,
    { ...webhook, removedAt: 1900, actor: admin },
    {
      action: 'webhook.removed',
      at: 1900,
      actor: admin,
      details: { host: 'hooks.example.com:8443', events: ['license.*'] },
    },
  ],
  [
    'a webhook gets a new secret',
    webhook,
    { ...webhook, secretVersion: 2, formerSecretUntil: 5000, actor: admin },
    {
      action: 'webhook.secret-rotated',
      actor: admin,
      details: {
        host: 'hooks.example.com:8443',
        events: ['license.*'],
        formerSecretExpiresAt: '1970-01-01T00:00:05.000Z',
      },
    },
  ],
  [
    'the file of an offline license is downloaded',
    undefined,
    {
      ...keys.export(pool, 2000, 'exp_1'),
      target: { type: 'offline-license', id: 'off_1' },
      details: { machineId: 'lab' },
      at: 2000,
      actor: admin,
    },
    {
      action: 'offline-license.downloaded',
      at: 2000,
      actor: admin,
      product: 'KRE',
      target: { type: 'offline-license', id: 'off_1' },
      details: { machineId: 'lab' },
    },
  ],
  [
    'a report is exported',
    undefined,
    exported,
    {
      action: 'report.exported',
      at: 2100,
      actor: admin,
      product: 'KRE',
      target: { type: 'report', id: 'sessions' },
      details: { from: '2026-02-01T00:00:00.000Z', to: '2027-02-01T00:00:00.000Z', rows: 12 },
    },
  ],
  [
    'a request with an API key fails to authenticate',
    undefined,
    failures,
    {
      action: 'authentication.failed',
      at: 2200,
      actor: 'service#sign-in',
      target: { type: 'api-key', id: 'key1' },
      details: {
        reason: 'wrong-secret',
        source: '192.0.2.7',
        count: 1,
        firstAt: '1970-01-01T00:00:02.200Z',
        lastAt: '1970-01-01T00:00:02.200Z',
      },
    },
  ],
  [
    'a hundred more requests fail to authenticate',
    { ...failures, count: 7 },
    { ...failures, count: 107, lastAt: 2300 },
    {
      action: 'authentication.failed',
      at: 2300,
      details: {
        reason: 'wrong-secret',
        source: '192.0.2.7',
        count: 107,
        firstAt: '1970-01-01T00:00:02.200Z',
        lastAt: '1970-01-01T00:00:02.300Z',
      },
    },
  ],
  [
    'a member is refused an operation that grants power',
    undefined,
    {
      ...keys.tally('org_a', 0, 'power#invite#x'),
      kind: 'power',
      organizationId: 'org_a',
      operation: 'invite',
      hour: 0,
      count: 1,
      firstAt: 2400,
      lastAt: 2400,
      actor: runner,
    },
    {
      action: 'authorization.refused',
      at: 2400,
      actor: runner,
      target: { type: 'organization', id: 'org_a' },
      details: {
        operation: 'invite',
        count: 1,
        firstAt: '1970-01-01T00:00:02.400Z',
        lastAt: '1970-01-01T00:00:02.400Z',
      },
    },
  ],
];

/** Changes that are none. */
export const nothing: [what: string, before: Item | undefined, after: Item | undefined][] = [
  ['a purge', session, undefined],
  ['a seat that is claimed', undefined, { ...keys.seat(pool, 1), holder: 'session#s', fence: 1 }],
  ['a heartbeat', { ...keys.seat(pool, 1), availableAt: 1 }, { ...keys.seat(pool, 1), availableAt: 2 }],
  ['a heartbeat of a licensed user', { ...license, inUse: { renewedAt: 1 } }, { ...license, inUse: { renewedAt: 2 } }],
  ['a user’s license that is taken into use', license, { ...license, inUse: { sessionId: 's' }, revision: 4 }],
  ['what is due', undefined, { ...keys.due(1, 1, 'CLAIM#org_a#KRE#1#1'), kind: 'claim' }],
  ['an address', undefined, { ...keys.mailbox('u@acme.example'), userId: 'usr_u' }],
  ['a sign-in', undefined, { ...keys.identity('sub'), userId: 'usr_u' }],
  ['a membership, by user', undefined, { ...keys.membership('usr_u', 'org_a'), role: 'user' }],
  ['the set of owners', undefined, { ...keys.owners('org_a') }],
  ['a secret of the service', undefined, { ...keys.secret('webhooks', 2) }],
  ['an event', undefined, { ...keys.auditEvent('org_a', 1, 'e'), event: {} }],
  ['a refusal by time', undefined, { ...refusal, ...keys.refused(pool, 700, 's', 'license-quota') }],
  ['a name', member, { ...member, name: 'Una' }],
  ['a removed member’s removal again', removedMember, { ...removedMember, actor: 'user#other' }],
  [
    'a recovery that is cancelled again',
    { ...recovery, cancelledAt: 1 },
    { ...recovery, cancelledAt: 1, actor: admin },
  ],
  ['an API key that is used', key, { ...key, lastUsedAt: 3_600_000 }],
  ['an API key that is revoked again', { ...key, revokedAt: 450 }, { ...key, revokedAt: 450, actor: runner }],
  [
    'an invitation that is revoked again',
    { ...invitation, revokedAt: 1 },
    { ...invitation, revokedAt: 1, actor: runner },
  ],
  [
    'the engine writes its own fields of a subscription',
    subscription,
    { ...subscription, claimable: 3, machineClaimable: 2, slotsComplete: true, version: 2 },
  ],
  [
    'a subscription is marked as ended: its notice already has the event',
    subscription,
    { ...subscription, expiredAt: 50_000, version: 2 },
  ],
  ['the same terms set again', subscription, { ...subscription, version: 2 }],
  ['a license on its way', undefined, pending],
  ['a grant that stopped', pending, { ...licenseEnded('lease-expired') }],
  [
    'a transfer that was dropped',
    { ...pending, from },
    { ...licenseEnded('lease-expired'), from, number: 0, fence: 0 },
  ],
  ['the license of who gave it to another: the other’s tells', license, licenseEnded('license-transferred')],
  ['a voided grant', undefined, licenseEnded('lease-expired')],
  ['a session’s claim that was voided', undefined, voided],
  ['a claim over an ended session that was voided', ended, voided],
  ['a record that was moved on', session, { ...session, revision: 2 }],
  ['a move that begins', session, moving],
  ['a move that is dropped', moving, { ...session, revision: 3 }],
  [
    'an expired invitation is revoked: nothing changes',
    { ...invitation, expiredAt: 86_400_300 },
    { ...invitation, expiredAt: 86_400_300, actor: admin },
  ],
  ['an offline license on its way', undefined, { ...offline, status: 'pending' }],
  ['one that stopped', { ...offline, status: 'pending' }, { ...offline, status: 'ended' }],
  ['the file of one, when it is signed', offline, { ...offline, jws: 'signed' }],
  ['the file of an expired one', { ...offline, expiredAt: 100_000 }, { ...offline, expiredAt: 100_000, jws: 'signed' }],
  ['a product that is set to the same again', product, { ...product, changedAt: 45 }],
  ['a product that is removed again', { ...product, removedAt: 48 }, { ...product, removedAt: 49 }],
  ['a webhook whose target is gone', webhook, { ...webhook, disabledAt: 1850 }],
  ['a file that was given, noted again', exported, { ...exported, actor: runner }],
  ['a count that has no digit more', { ...failures, count: 2 }, { ...failures, count: 9 }],
  ['a removed webhook’s removal again', { ...webhook, removedAt: 1 }, { ...webhook, removedAt: 1, actor: admin }],
  ['a delivery', undefined, { ...keys.delivery({ organizationId: 'org_a', webhookId: 'whk_1', id: 'dlv_1' }) }],
  ['a machine that is seen', machine, { ...machine, lastSeenAt: 1600, revision: 2 }],
  ['a machine that gets another slot', machine, { ...machine, number: 2, registeredAt: 1700 }],
  ['an idle machine whose slot is taken', machine, { ...machineEnded, endedReason: 'released' }],
  ['a machine whose slot went on with its session', machine, { ...machineEnded, endedReason: 'license-transferred' }],
  ['a slot’s claim that was voided', undefined, { ...machineEnded, endedReason: 'lease-expired' }],
];
