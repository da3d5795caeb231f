import type {
  Activation,
  ApiKey,
  AuditEvent,
  Grant,
  LicensedUser,
  Machine,
  OfflineLicense,
  Product,
  Session,
  SoldSubscription,
  Subscription,
  SubscriptionSummary,
  Usage,
  YourOrganization,
} from '../../api.ts';
import { changeLines } from './change-lines.ts';
import type { Table } from './render-table.ts';

export const onlineLicenses: Table<Activation> = {
  of: 'online licenses',
  columns: [
    ['License', ({ seat }) => seat],
    ['Session ID', ({ sessionId }) => sessionId],
    ['Machine ID', ({ machineId }) => machineId],
    ['Hostname', ({ hostname }) => hostname],
    ['User ID', ({ userId }) => userId],
    ['Since', ({ activatedAt }) => activatedAt],
    ['Lease until', ({ leaseExpiresAt }) => leaseExpiresAt],
  ],
};

export const licensedUsers: Table<LicensedUser> = {
  of: 'licensed users',
  columns: [
    ['Email', ({ email }) => email],
    ['Name', ({ name }) => name],
    ['User ID', ({ userId }) => userId],
    ['Licensed at', ({ licensedAt }) => licensedAt],
    ['Online', ({ online }) => (online ? 'yes' : 'no')],
  ],
};

export const grants: Table<Grant> = {
  of: 'emails',
  columns: [
    ['Email', ({ email }) => email],
    ['Outcome', ({ outcome }) => outcome],
    ['User ID', ({ licensedUser }) => licensedUser?.userId ?? null],
  ],
};

export const machines: Table<Machine> = {
  of: 'registered machines',
  columns: [
    ['Machine ID', ({ machineId }) => machineId],
    ['Online', ({ online }) => online],
    ['Offline', ({ offline }) => offline],
    ['Registered at', ({ registeredAt }) => registeredAt],
    ['Last seen at', ({ lastSeenAt }) => lastSeenAt],
    ['Host name', ({ hostname }) => hostname ?? null],
  ],
};

export const offlineLicenses: Table<OfflineLicense> = {
  of: 'offline licenses',
  columns: [
    ['ID', ({ id }) => id],
    ['Machine ID', ({ machineId }) => machineId],
    ['Status', ({ status }) => status],
    ['Issued at', ({ issuedAt }) => issuedAt],
    ['Expires at', ({ expiresAt }) => expiresAt],
    ['User ID', ({ userId }) => userId],
    ['Description', ({ description }) => description],
  ],
};

export const apiKeys: Table<ApiKey> = {
  of: 'API keys',
  columns: [
    ['ID', ({ id }) => id],
    ['Name', ({ name }) => name],
    ['Scope', ({ scope }) => scope],
    ['Created at', ({ createdAt }) => createdAt],
    ['Expires at', ({ expiresAt }) => expiresAt],
    ['Last used at', ({ lastUsedAt }) => lastUsedAt],
  ],
};

export const organizations: Table<YourOrganization> = {
  of: 'organizations',
  columns: [
    ['ID', ({ id }) => id],
    ['Name', ({ name }) => name],
    ['Role', ({ role }) => role],
  ],
};

/** Returns a figure of a subscription; null for a user who may not see figures. */
const figure = (subscription: Subscription | SubscriptionSummary, of: (figures: Subscription) => string | number) =>
  'quota' in subscription ? of(subscription) : null;

export const subscriptions: Table<Subscription | SubscriptionSummary> = {
  of: 'subscriptions',
  columns: [
    ['Product', ({ product }) => product],
    ['Name', ({ productName }) => productName],
    ['License type', ({ licenseType }) => licenseType],
    ['Status', ({ status }) => status],
    ['Quota', (s) => figure(s, ({ quota }) => quota)],
    ['Available', (s) => figure(s, ({ available }) => available)],
    ['Online', (s) => figure(s, ({ inUse }) => inUse.online)],
    ['Offline', (s) => figure(s, ({ inUse }) => inUse.offline)],
    ['Licensed users', (s) => figure(s, ({ inUse }) => inUse.licensedUsers)],
    ['Waiting', (s) => figure(s, ({ queue }) => queue.length)],
    ['Machines', (s) => figure(s, ({ registeredMachines }) => registeredMachines)],
    ['Machine quota', (s) => figure(s, ({ machineQuota }) => machineQuota)],
    ['Expires at', (s) => figure(s, ({ expiresAt }) => expiresAt)],
  ],
};

export const products: Table<Product> = {
  of: 'products',
  columns: [
    ['Product', ({ product }) => product],
    ['Name', ({ name }) => name],
    ['License type', ({ licenseType }) => licenseType],
    ['Quota', ({ terms }) => terms.quota],
    ['Months', ({ terms }) => terms.months],
    ['Trial days', ({ terms }) => terms.trialDays],
  ],
};

export const vendorAuditEvents: Table<AuditEvent> = {
  of: 'events',
  columns: [
    ['At', ({ at }) => at],
    ['Action', ({ action }) => action],
    ['Target', ({ target }) => target.id],
    ['Organization ID', ({ organizationId }) => organizationId ?? null],
    ['By', ({ actor }) => actor.id],
    [
      'Details',
      ({ details: { before, after, ...others } }) => changeLines(before ?? undefined, after ?? others).join(', '),
    ],
  ],
};

/** For people. The service renders the CSV file. */
export const soldSubscriptions: Table<SoldSubscription> = {
  of: 'subscriptions',
  columns: [
    ['Organization', ({ organizationName }) => organizationName],
    ['Organization ID', ({ organizationId }) => organizationId],
    ['Product', ({ product }) => product],
    ['Status', ({ status }) => status],
    ['Quota', ({ quota }) => quota],
    ['In use', ({ inUse }) => inUse],
    ['Peak of 7 days', ({ trend }) => trend.peak],
    ['Expires at', ({ expiresAt }) => expiresAt],
    ['Note', ({ note }) => note ?? null],
  ],
};

/** For people. The service renders the CSV file. */
export const usage: Table<Usage> = {
  of: 'usage',
  columns: [
    ['From', ({ from }) => from],
    ['Peak', ({ peak }) => peak],
    ['Average', ({ average }) => average],
    ['Users', ({ users }) => users],
    ['Machines', ({ machines }) => machines],
    ['Refused by license quota', ({ refused }) => refused.licenseQuota],
    ['Refused by machine quota', ({ refused }) => refused.machineQuota],
    ['Waited', ({ waited }) => waited.sessions],
    ['Average wait', ({ waited }) => waited.averageSeconds],
    ['Longest wait', ({ waited }) => waited.longestSeconds],
  ],
};

/** For people. The service renders the CSV file. */
export const sessions: Table<Session> = {
  of: 'sessions',
  columns: [
    ['Started at', ({ activatedAt }) => activatedAt],
    ['Seconds', ({ durationSeconds }) => durationSeconds],
    ['Waited', ({ waitedSeconds }) => waitedSeconds],
    ['User', ({ userEmail, userId }) => userEmail ?? userId],
    ['Machine ID', ({ machineId }) => machineId],
    ['Session ID', ({ sessionId }) => sessionId],
    ['Ended', ({ endedReason }) => endedReason],
  ],
};
