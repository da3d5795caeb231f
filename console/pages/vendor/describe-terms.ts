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
}

const rows: { label: string; text: (terms: Terms) => string }[] = [
  { label: 'Product name', text: ({ productName }) => productName },
  { label: 'License type', text: ({ licenseType }) => (licenseType === 'floating' ? 'Floating' : 'Per user') },
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
  if (!before) {
    const opening = unusable
      ? 'Nobody can use it: it begins suspended, or its end is past.'
      : 'Its owners and admins see it at once, and its licenses can be used.';
    return [opening, noneOffline].filter(Boolean);
  }
  return [
    validity(before, unusable, expired),
    quotaChange(before, after, unusable),
    machineQuotaChange(before, after),
    before.inUse.offline > 0 && (unusable || !allowed || after.expiresAt < before.expiresAt)
      ? `${pluralize(before.inUse.offline, 'offline license')} can’t be taken back: valid until they expire, they count until then.`
      : '',
    noneOffline,
    after.leaseSeconds === before.leaseSeconds ? '' : 'What runs takes the other lease at its next heartbeat.',
  ].filter(Boolean);
};

const validity = ({ status, inUse }: Subscription, unusable: boolean, expired: boolean) => {
  if (unusable && status === 'active')
    return (
      `${expired ? 'The subscription is over' : 'The subscription is suspended'} at once: activations are refused, and ` +
      `${pluralize(inUse.online, 'online license')} in use ${inUse.online === 1 ? 'ends' : 'end'} at the next heartbeat.`
    );
  if (unusable || status === 'active') return '';
  return 'Its licenses can be used again at once. What was ended has to be started again.';
};

const quotaChange = (before: Subscription, { quota, licenseType }: Terms, unusable: boolean) => {
  // What is said of the end of the sessions is all that counts then.
  if (quota === before.quota || unusable) return '';
  const used = usedOf(before);
  if (used > quota)
    return (
      `${pluralize(used, 'license')} are in use, more than ${quota.toLocaleString('en')}: nobody loses one, but ` +
      `${licenseType === 'floating' ? 'no new session gets one' : 'none can be assigned'} ` +
      `${quota === 0 ? 'any more' : `until fewer than ${quota.toLocaleString('en')} are in use`}.`
    );
  return `${pluralize(quota - used, 'license')} can be taken from then on; ${used.toLocaleString('en')} are in use.`;
};

const machineQuotaChange = (before: Subscription, { machineQuota }: Terms) => {
  if (machineQuota === before.machineQuota || before.registeredMachines <= machineQuota) return '';
  return (
    `${pluralize(before.registeredMachines, 'machine')} are registered, more than ${machineQuota.toLocaleString('en')}: they ` +
    'go on, but no other one can be added, and one that nobody uses may not come back, until fewer are.'
  );
};
