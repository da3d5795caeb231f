import { accounts } from '../../infra/local/demo-accounts.ts';
import type { Account } from './console.ts';
import type { RunningStack } from './stack.ts';

/** A page of the console, and the account that opens it. */
export interface Place {
  name: string;
  path: string;
  as: Account;
}

/** Every page of the console. */
export const placesOf = ({ organizationId }: Pick<RunningStack, 'organizationId'>): Place[] => {
  const at = (name: string, below: string, as: Account = 'owner') => ({
    name,
    path: `/organizations/${organizationId}/${below}`,
    as,
  });
  return [
    { name: 'organizations', path: '/organizations', as: 'owner' },
    at('products', 'products'),
    at('product', 'products/KRE'),
    at('my-licenses', 'my-licenses', 'user'),
    at('licensed-users', 'products/KSE/licensed-users'),
    at('online-licenses', 'products/KRE/online-licenses'),
    at('offline-licenses', 'products/KRE/offline-licenses'),
    at('machines', 'products/KRE/machines'),
    at('usage', 'products/KRE/usage'),
    at('members', 'members'),
    at('invitations', 'invitations'),
    at('api-keys', 'api-keys'),
    at('webhooks', 'webhooks'),
    at('audit-trail', 'audit-trail'),
    { name: 'invitation', path: '/invitations/lhi_example', as: 'owner' },
    at('products-of-a-user', 'products', 'user'),
    at('product-of-a-user', 'products/KRE', 'user'),
    { name: 'organizations-of-the-vendor', path: '/organizations', as: 'vendor' },
    { name: 'subscriptions', path: '/subscriptions', as: 'vendor' },
    { name: 'catalogue', path: '/catalogue', as: 'vendor' },
    { name: 'vendor-audit', path: '/audit-events', as: 'vendor' },
    at('organization-of-the-vendor', 'products', 'vendor'),
    at('terms', 'products/KSE/terms', 'vendor'),
  ];
};

/** Fills each page with data. */
export const fill = async ({ organizationId, api }: RunningStack): Promise<void> => {
  const organization = `/v1/organizations/${organizationId}`;
  const subscription = (product: string) => `${organization}/subscriptions/${product}`;
  const members: Account[] = ['user', 'admin', 'owner'];
  for (let n = 1; n <= 7; n++)
    await api(members[n % 3]!, 'POST', `${subscription('KRE')}/activations`, {
      machineId: `runner-0${n}`,
      sessionId: `build-471${n}`,
      hostname: `runner-0${n}.ci.acme.example`,
    });
  await api('user', 'DELETE', `${subscription('KRE')}/activations/build-4713`);
  const emails = [accounts.user.email, accounts.admin.email];
  await api('owner', 'POST', `${subscription('KSE')}/licensed-users`, { emails });
  const laptop = { machineId: 'laptop-12', description: 'For the trade fair' };
  await api('owner', 'POST', `${subscription('KRE')}/offline-licenses`, laptop);
  await api('owner', 'POST', `${organization}/invitations`, { emails: ['new@acme.example'], role: 'user' });
  const webhook = { url: 'https://hooks.example.com/leasehold', events: ['license.refused', 'subscription.expiring'] };
  await api('owner', 'POST', `${organization}/webhooks`, webhook);
  const inDays = (days: number) => new Date(Date.now() + days * 24 * 3600_000).toISOString();
  const soon = { licenseType: 'floating', productName: 'Katalon TestCloud', quota: 25, expiresAt: inDays(9) };
  await api('vendor', 'PUT', subscription('TESTCLOUD'), soon);
  const paused = { licenseType: 'per-user', productName: 'Katalon Platform', quota: 1200, expiresAt: inDays(90) };
  await api('vendor', 'PUT', subscription('PLATFORM'), { ...paused, status: 'suspended' });
};
