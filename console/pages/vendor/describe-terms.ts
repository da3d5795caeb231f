import type { Subscription } from '../../../client/index.ts';
import { pluralize } from '../../components/pluralize.ts';
import { duration, exactTime } from '../../components/time/format-time.ts';
import { usedOf } from '../product/figures.ts';

/** The terms that the vendor sets. */
export interface Terms
  extends Pick<
    Subscription,
    | 'licenseType'
    | 'productName'
    | 'quota'
    | 'machineQuota'
    | 'expiresAt'
    | 'leaseSeconds'
    | 'offline'
    | 'idleTimeoutMinutes'
    | 'trial'
  > {
  status: 'active' | 'suspended';
  /** Null: none. */
  note?: string | null;
}

export const licenseTypeText = (type: Terms['licenseType']): string => (type === 'floating' ? 'Floating' : 'Per user');

const rows: { label: string; text: (terms: Terms) => string }[] = [
  { label: 'Product name', text: ({ productName }) => productName },
  { label: 'License type', text: ({ licenseType }) => licenseTypeText(licenseType) },
  { label: 'Licenses', text: ({ quota }) => quota.toLocaleString('en') },
  { label: 'Machine quota', text: ({ machineQuota }) => machineQuota.toLocaleString('en') },
  { label: 'Expires', text: ({ expiresAt }) => exactTime(Date.parse(expiresAt)) },
  { label: 'Status', text: ({ status }) => (status === 'active' ? 'Active' : 'Suspended') },
  { label: 'Trial', text: ({ trial }) => (trial ? 'Yes' : 'No') },
  { label: 'Lease', text: ({ leaseSeconds }) => duration(leaseSeconds) },
  {
    label: 'Idle timeout',
    text: ({ idleTimeoutMinutes }) => (idleTimeoutMinutes === null ? 'None' : duration(idleTimeoutMinutes * 60)),
  },
  { label: 'Offline licenses', text: ({ offline }) => offlineText(offline) },
  { label: 'Note', text: ({ note }) => note ?? 'None' },
];

const offlineText = ({ allowed, maxDays, reserveOnline }: Terms['offline']) => {
  if (!allowed) return 'Not allowed';
  const longest = maxDays === null ? 'until the subscription expires' : `for at most ${pluralize(maxDays, 'day')}`;
  return `Allowed, ${longest}${reserveOnline > 0 ? `, ${pluralize(reserveOnline, 'license')} kept for online use` : ''}`;
};

/** Returns the changed terms, in words. Without a previous subscription, all terms are new. */
export const differencesOf = (before: Terms | undefined, after: Terms) =>
  rows
    .map(({ label, text }) => ({ label, before: before && text(before), after: text(after) }))
    .filter((row) => row.before !== row.after);

const are = (count: number) => (count === 1 ? 'is' : 'are');

/**
 * Returns the consequences of new terms for their users, in sentences.
 *
 * @param before the current subscription, with its figures
 * @param now epoch ms
 */
export const consequencesOf = (before: Subscription | undefined, after: Terms, now: number): string[] => {
  const expired = Date.parse(after.expiresAt) <= now;
  const unusable = expired || after.status === 'suspended';
  const { allowed, reserveOnline } = after.offline;
  const noneOffline =
    allowed && reserveOnline > 0 && reserveOnline >= after.quota
      ? 'Every license is kept for online use: no offline license can be created.'
      : '';
  if (!before) return [opening(after, expired), noneOffline].filter(Boolean);
  return [
    validity(before, after, expired),
    // Of a subscription that can't be used, its end is all that matters to its users.
    ...(unusable ? [] : [earlierEnd(before, after), quotaChange(before, after), machineQuotaChange(before, after)]),
    before.inUse.offline > 0 && (unusable || !allowed || after.expiresAt < before.expiresAt)
      ? offlineStays(before.inUse.offline)
      : '',
    noneOffline,
    unusable || after.leaseSeconds === before.leaseSeconds
      ? ''
      : 'Running sessions take the new lease at their next heartbeat.',
  ].filter(Boolean);
};

const opening = ({ status }: Terms, expired: boolean) => {
  if (expired) return 'Nobody can use the subscription: its end is past.';
  if (status === 'suspended') return 'The subscription begins suspended: nobody can use it before you resume it.';
  return 'Owners and admins see the subscription at once, and its licenses can be used.';
};

const validity = ({ status, inUse }: Subscription, after: Terms, expired: boolean) => {
  const suspended = after.status === 'suspended';
  if (status === 'active' && (expired || suspended)) {
    const ends =
      inUse.online === 0
        ? 'no online license is in use.'
        : `${pluralize(inUse.online, 'online license')} in use ${inUse.online === 1 ? 'ends' : 'end'} at the next heartbeat.`;
    return `The subscription is ${expired ? 'over' : 'suspended'} at once: activations are refused, and ${ends}`;
  }
  if (expired) return 'The subscription stays expired: activations are refused.';
  if (suspended) return 'The subscription stays suspended: activations are refused until you resume it.';
  return status === 'active' ? '' : 'Its licenses can be used again at once. Ended sessions have to be started again.';
};

const earlierEnd = (before: Subscription, after: Terms) =>
  before.status === 'active' && after.expiresAt < before.expiresAt
    ? 'The subscription ends earlier: no license stays in use longer than that.'
    : '';

const quotaChange = (before: Subscription, { quota, licenseType }: Terms) => {
  if (quota === before.quota) return '';
  const used = usedOf(before);
  if (used > quota)
    return (
      `${pluralize(used, 'license')} ${are(used)} in use, more than ${quota.toLocaleString('en')}: nobody loses one, but ` +
      `${licenseType === 'floating' ? 'no new session gets one' : 'none can be assigned'} ` +
      `${quota === 0 ? 'any more' : `until fewer than ${quota.toLocaleString('en')} are in use`}.`
    );
  return `${pluralize(quota - used, 'license')} can be taken from then on; ${used.toLocaleString('en')} ${are(used)} in use.`;
};

const machineQuotaChange = (before: Subscription, { machineQuota }: Terms) => {
  const registered = before.registeredMachines;
  if (machineQuota === before.machineQuota || registered <= machineQuota) return '';
  return (
    `${pluralize(registered, 'machine')} ${are(registered)} registered, more than ${machineQuota.toLocaleString('en')}: ` +
    `${registered === 1 ? 'it goes on, but no other' : 'they go on, but no other one'} can be added, and one that nobody uses ` +
    'may not come back, until fewer are.'
  );
};

const offlineStays = (count: number) =>
  count === 1
    ? '1 offline license can’t be taken back: it stays valid, and counts, until it expires.'
    : `${pluralize(count, 'offline license')} can’t be taken back: they stay valid, and count, until they expire.`;
