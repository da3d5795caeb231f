import { expect, it, vi } from 'vitest';
import { startService } from '../client/service.ts';
import { inProcess } from './in-process.ts';

vi.setConfig({ testTimeout: 60_000 });

const { as, credentials } = await startService();
const { baseUrl, organizationId, tokens } = credentials;
const vendor = async (...args: string[]) =>
  inProcess(['vendor', ...args], {
    LEASEHOLD_URL: baseUrl,
    LEASEHOLD_ORGANIZATION: organizationId,
    LEASEHOLD_API_KEY: tokens.vendor,
  });

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
  expect((await vendor('sell', '--product', 'CLY')).code).not.toBe(0);

  const resized = await vendor('resize', '--product', 'CLI', '--quota', '9');
  expect(resized.stdout).toContain('quota: 4 -> 9');
  expect(await read()).toMatchObject({ quota: 9, machineQuota: 9, trial: true, note: 'Met at the fair' });
  await vendor('renew', '--product', 'CLI', '--until', '2031-05-31');
  const renewed = await read();
  expect(renewed).toMatchObject({ expiresAt: '2031-05-31T00:00:00.000Z', quota: 9 });
  expect(renewed).not.toHaveProperty('trial');
  expect((await vendor('end', '--product', 'CLI')).code).toBe(0);
  expect(await read()).toMatchObject({ status: 'expired' });
});
