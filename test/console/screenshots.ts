import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { accounts } from '../../infra/local/accounts.ts';
import { startChromium } from './browser.ts';
import { startStack } from './stack.ts';

/** `npm run screenshots`: a picture of each page, as the owner and others see it, wide and on a phone, bright and dark. */
const directory = join(import.meta.dirname, '../../dist/screenshots');

const [stack, browser] = await Promise.all([startStack(), startChromium()]);
const organization = `/organizations/${stack.organizationId}`;
const pages: { name: string; path: string; as?: keyof typeof accounts }[] = [
  { name: 'organizations', path: '/organizations' },
  { name: 'organizations-of-the-vendor', path: '/organizations', as: 'vendor' },
  { name: 'products', path: `${organization}/products` },
  { name: 'products-of-a-user', path: `${organization}/products`, as: 'user' },
  { name: 'product', path: `${organization}/products/KRE` },
  { name: 'licensed-users', path: `${organization}/products/KSE/licensed-users` },
  { name: 'online-licenses', path: `${organization}/products/KRE/online-licenses` },
  { name: 'offline-licenses', path: `${organization}/products/KRE/offline-licenses` },
  { name: 'machines', path: `${organization}/products/KRE/machines` },
  { name: 'usage', path: `${organization}/products/KRE/usage` },
  { name: 'members', path: `${organization}/members` },
  { name: 'invitations', path: `${organization}/invitations` },
  { name: 'api-keys', path: `${organization}/api-keys` },
  { name: 'webhooks', path: `${organization}/webhooks` },
  { name: 'audit-trail', path: `${organization}/audit-trail` },
  { name: 'invitation', path: '/invitations/lhi_example' },
];
const looks = {
  wide: { viewport: { width: 1280, height: 800 } },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  phone: { viewport: { width: 375, height: 700 } },
} as const;

/** Something to see. */
const fill = async () => {
  const subscription = (product: string) => `/v1${organization}/subscriptions/${product}`;
  const activations = `${subscription('KRE')}/activations`;
  for (let n = 1; n <= 7; n++)
    await stack.api('user', 'POST', activations, { machineId: `runner-0${n}`, sessionId: `build-471${n}` });
  const emails = [accounts.user.email, accounts.admin.email];
  await stack.api('owner', 'POST', `${subscription('KSE')}/licensed-users`, { emails });
  const laptop = { machineId: 'laptop-12', description: 'For the trade fair' };
  await stack.api('owner', 'POST', `${subscription('KRE')}/offline-licenses`, laptop);
  await stack.api('owner', 'POST', `/v1${organization}/invitations`, { emails: ['new@acme.example'], role: 'user' });
  const webhook = { url: 'https://hooks.example.com/leasehold', events: ['*'] };
  await stack.api('owner', 'POST', `/v1${organization}/webhooks`, webhook);
  const day = 24 * 3600_000;
  const soon = { licenseType: 'floating', productName: 'Katalon TestCloud', expiresAt: new Date(Date.now() + 9 * day) };
  await stack.api('vendor', 'PUT', subscription('TESTCLOUD'), { ...soon, quota: 25 });
  const paused = {
    licenseType: 'per-user',
    productName: 'Katalon Platform',
    expiresAt: new Date(Date.now() + 90 * day),
  };
  await stack.api('vendor', 'PUT', subscription('PLATFORM'), { ...paused, quota: 1200, status: 'suspended' });
};

try {
  await fill();
  mkdirSync(directory, { recursive: true });
  for (const [look, options] of Object.entries(looks)) {
    for (const { name, path, as = 'owner' } of pages) {
      const context = await browser.newContext({ baseURL: stack.baseUrl, ...options });
      const page = await context.newPage();
      await page.goto(path);
      await page.locator(`button[value="${accounts[as].email}"]`).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      const file = join(directory, `${name}-${look}.png`);
      await page.screenshot({ path: file, fullPage: true });
      console.info(relative(process.cwd(), file));
      await context.close();
    }
  }
} finally {
  await Promise.all([browser.close(), stack.remove()]);
}
