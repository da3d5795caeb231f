import { expect, it } from 'vitest';
import { startService } from '../client/service.ts';
import { inProcess } from './in-process.ts';

const { as, credentials } = await startService();
const { baseUrl, organizationId, tokens } = credentials;
const settings = { LEASEHOLD_URL: baseUrl, LEASEHOLD_ORGANIZATION: organizationId };
const vendor = async (...args: string[]) =>
  inProcess(['vendor', ...args], { ...settings, LEASEHOLD_API_KEY: tokens.vendor });
/** Returns the text that an owner reads about a subscription. */
const status = async (product: string) =>
  (await inProcess(['status', '--product', product], { ...settings, LEASEHOLD_API_KEY: tokens.owner })).stdout;

it('the vendor sells a product of the catalogue, resizes, renews and ends it, and sees each change first', async () => {
  const client = as('vendor');
  await client.setProduct({ product: 'CLI', name: 'By command', licenseType: 'floating', terms: { quota: 4 } });
  expect((await vendor('catalogue')).stdout).toContain('By command');
  const read = () => client.getSubscription({ product: 'CLI' });

  expect((await vendor('sell', '--product', 'CLI', '--dry-run')).stdout).toContain('quota: 4');
  await expect(read()).rejects.toThrow();
  expect((await vendor('sell', '--product', 'CLI', '--trial', '--note', 'Met at the fair')).code).toBe(0);
  expect(await read()).toMatchObject({ quota: 4, trial: true, note: 'Met at the fair', productName: 'By command' });
  expect((await vendor('sell', '--product', 'CLI')).code).toBe(77);
  const typo = await vendor('sell', '--product', 'CLY');
  expect(typo.code).toBe(66);
  expect(typo.stderr).toContain('Do you mean CLI?');

  const resized = await vendor('resize', '--product', 'CLI', '--quota', '9');
  expect(resized.stdout).toContain('quota: 4 -> 9');
  expect(await read()).toMatchObject({ quota: 9, machineQuota: 9, trial: true, note: 'Met at the fair' });
  await vendor('renew', '--product', 'CLI', '--until', '2031-05-31');
  const renewed = await read();
  expect(renewed).toMatchObject({ expiresAt: '2031-05-31T00:00:00.000Z', quota: 9 });
  expect(renewed).not.toHaveProperty('trial');
  expect((await vendor('end', '--product', 'CLI')).code).toBe(0);
  const { expiresAt } = await read();
  expect(await status('CLI')).toContain(`CLI is expired since ${expiresAt}: nobody can activate a license.`);
});

it('the vendor suspends a subscription and resumes it; nothing else changes, also once it has expired', async () => {
  const client = as('vendor');
  await client.setProduct({ product: 'PAUSE', name: 'Paused', licenseType: 'floating' });
  const read = () => client.getSubscription({ product: 'PAUSE' });
  await vendor('sell', '--product', 'PAUSE', '--quota', '6', '--note', 'Kept');
  const sold = await read();

  const suspended = await vendor('suspend', '--product', 'PAUSE', '--json');
  expect(suspended.code).toBe(0);
  expect(JSON.parse(suspended.stdout)).toMatchObject({ product: 'PAUSE', status: 'suspended' });
  expect(await status('PAUSE')).toContain(
    `PAUSE is suspended: nobody can activate a license (it ends ${sold.expiresAt}).`,
  );
  expect(await read()).toEqual({ ...sold, status: 'suspended', suspended: true });
  expect((await vendor('suspend', '--product', 'PAUSE', '--dry-run')).stdout).toContain('Nothing changes.');

  // An end does not forget the suspension, and a renewal does not lift it.
  await vendor('end', '--product', 'PAUSE');
  await vendor('renew', '--product', 'PAUSE', '--until', '2031-05-31');
  expect(await read()).toMatchObject({ status: 'suspended' });
  expect((await vendor('resume', '--product', 'PAUSE')).stdout).toContain('status: "suspended" -> "active"');
  expect(await read()).toEqual({ ...sold, expiresAt: '2031-05-31T00:00:00.000Z' });
  expect((await vendor('suspend', '--product', 'NEVER-SOLD')).code).toBe(66);
});

it('the vendor adds, changes and removes a product of the catalogue, and finds its own acts in the audit list', async () => {
  const set = (...args: string[]) => vendor('catalogue', 'set', '--product', 'TOOL', ...args);
  const read = () => as('vendor').getProduct({ product: 'TOOL' });
  expect((await set('--quota', '5')).code).toBe(64);
  const terms = ['--quota', '5', '--idle-minutes', '30', '--offline', '--offline-days', '7'];
  expect((await set('--name', 'Tool', '--type', 'per-user', ...terms, '--dry-run')).stdout).toContain('quota: 5');
  await expect(read()).rejects.toThrow();
  expect((await set('--name', 'Tool', '--type', 'per-user', ...terms)).code).toBe(0);
  const added = await read();
  expect(added.terms).toMatchObject({ quota: 5, idleTimeoutMinutes: 30, offline: { allowed: true, maxDays: 7 } });

  // The rest stays as it is.
  expect((await set('--months', '6')).stdout).toContain('months: 12 -> 6');
  expect((await read()).terms).toEqual({ ...added.terms, months: 6 });
  expect((await vendor('catalogue', '--csv')).stdout).toContain('TOOL');

  const removed = await vendor('catalogue', 'remove', '--product', 'TOOL', '--json');
  expect(JSON.parse(removed.stdout)).toEqual({ product: 'TOOL', outcome: 'removed' });
  expect((await vendor('catalogue', 'list')).stdout).not.toContain('TOOL');
  expect((await vendor('catalogue', 'remove', '--product', 'NEVER')).code).toBe(66);

  const told = async () => JSON.parse((await vendor('audit', '--product', 'TOOL', '--json')).stdout);
  await expect
    .poll(told)
    .toMatchObject([
      { action: 'product.removed' },
      { action: 'product.changed', details: { before: { terms: { months: 12 } }, after: { terms: { months: 6 } } } },
      { action: 'product.added', actor: { type: 'vendor' } },
    ]);
  expect((await vendor('audit', '--product', 'TOOL')).stdout).toContain('product.changed');
});
