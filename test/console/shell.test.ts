import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { chooseAccount, expireToken, openConsole, personMenu, refresh } from './console.ts';

const { stack, newPage, signIn, signedIn, expectComplaints } = openConsole();
const path = (...below: string[]) => ['/organizations', stack().organizationId, ...below].join('/');
const open = (menu: string) => ({ name: new RegExp(`^${menu}`) });

describe('signing in', () => {
  it('comes first, and leads to the products of the only organization', async () => {
    const page = await signedIn('owner');
    await page.getByRole('heading', { level: 1, name: 'Products' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(path('products'));
    expect(page.url()).not.toMatch(/code=|state=/);
  });
  it('returns to the requested address', async () => {
    const page = await signIn('admin', path('products', 'KRE', 'details'));
    await page.getByRole('heading', { level: 1, name: 'Katalon Runtime Engine' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(path('products', 'KRE', 'details'));
  });
  it('lasts through a reload', async () => {
    const page = await signedIn('owner');
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Products' }).waitFor();
  });
  it('can be ended, and then somebody else can sign in', async () => {
    const page = await signIn('owner');
    await personMenu(page, 'owner').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await chooseAccount(page, 'user');
  });
});

describe('a sign-in that ends in the middle', () => {
  /** As after a night: the token and its refresh token have expired. Presses a button in the same moment. */
  const endSignIn = (page: Page, pressed = page.locator('body')) =>
    pressed.evaluate((button: any) => {
      const { sessionStorage } = button.ownerDocument.defaultView;
      for (const key of Object.keys(sessionStorage)) {
        const { refresh_token, ...user } = JSON.parse(sessionStorage.getItem(key));
        sessionStorage.setItem(key, JSON.stringify({ ...user, expires_at: 1 }));
      }
      button.click();
    });

  it('is repeated in another window: the input stays, and is then sent', async () => {
    const page = await signedIn('owner', path('products', 'KSE', 'licensed-users'));
    await page.getByRole('button', { name: 'Assign licenses' }).first().click();
    const assign = page.getByRole('dialog', { name: 'Assign licenses' });
    await assign.getByRole('textbox').fill(accounts.user.email);
    // A refresh of the page in between would ask for a sign-in before anything is sent.
    await endSignIn(page, assign.getByRole('button', { name: 'Assign', exact: true }));
    const ended = page.getByRole('dialog', { name: 'Your sign-in has ended' });
    await ended.getByRole('button', { name: 'Sign in again' }).click();
    // The provider still has a session, so it asks nothing: the window may close before Playwright has seen it.
    await ended.waitFor({ state: 'detached' });
    await expect.poll(() => page.context().pages().length).toBe(1);

    expect(await assign.getByRole('textbox').inputValue()).toBe(accounts.user.email);
    await assign.getByRole('button', { name: 'Assign', exact: true }).click();
    await page.getByText(`${accounts.user.email} has a license now`).waitFor();
    expect(new URL(page.url()).pathname).toBe(path('products', 'KSE', 'licensed-users'));
  });

  it('is repeated on a page that returns, where the browser opens no window', async () => {
    const page = await signedIn('owner', path('products', 'KRE'));
    await page.evaluate('window.open = () => null');
    await endSignIn(page);
    await refresh(page);
    const dialog = page.getByRole('dialog', { name: 'Your sign-in has ended' });
    await dialog.getByRole('button', { name: 'Sign in again' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Subscribed licenses').waitFor();
    expect(new URL(page.url()).pathname).toBe(path('products', 'KRE'));
  });

  it('is renewed silently while that is possible', async () => {
    const page = await signedIn('owner', path('products', 'KRE'));
    await page.getByText('Subscribed licenses').waitFor();
    const renewed = page.waitForResponse((response) => response.url().endsWith('/oidc/token'));
    await expireToken(page);
    await refresh(page);
    expect((await renewed).status()).toBe(200);
    const asked = await page.waitForResponse((response) => response.url().endsWith('/subscriptions/KRE'));
    expect(asked.status()).toBe(200);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
  it('goes on while its issuer is unreachable for a while', async () => {
    expectComplaints(/ERR_/);
    const page = await signedIn('owner', path('products', 'KRE'));
    await page.getByText('Subscribed licenses').waitFor();
    await page.route('**/oidc/token', (route) => route.abort('internetdisconnected'));
    await expireToken(page);
    await refresh(page);
    await page.getByText('The service does not answer').first().waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.unroute('**/oidc/token');
    await refresh(page);
    await page.getByText('The service does not answer').first().waitFor({ state: 'detached' });
  });
  it('is not repeated if the service accepts it again', async () => {
    expectComplaints(/401/);
    const page = await signedIn('owner', path('products', 'KRE'));
    await page.getByText('Subscribed licenses').waitFor();
    const problem = { type: 'about:blank', title: 'Unauthenticated', status: 401, code: 'unauthenticated', detail: '' };
    await page.route('**/v1/**', (route) =>
      route.fulfill({ status: 401, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
    );
    await refresh(page);
    const ended = page.getByRole('dialog', { name: 'Your sign-in has ended' });
    await ended.waitFor();
    await page.unroute('**/v1/**');
    await refresh(page);
    await ended.waitFor({ state: 'detached' });
  });
  it('is renewed at an issuer of another origin, in a window that closes itself', async () => {
    // The provider's page is of another origin than the page here: the browser keeps the two windows apart.
    const baseURL = stack().baseUrl.replace('localhost', '127.0.0.1');
    expect(baseURL).not.toBe(stack().baseUrl);
    const page = await signIn('owner', path('products', 'KRE'), { baseURL, bypassCSP: true });
    await page.getByText('Subscribed licenses').waitFor();
    await endSignIn(page);
    await refresh(page);
    const ended = page.getByRole('dialog', { name: 'Your sign-in has ended' });
    await ended.waitFor();
    await page.evaluate('window.stays = true');
    await ended.getByRole('button', { name: 'Sign in again' }).click();
    await ended.waitFor({ state: 'detached' });
    await expect.poll(() => page.context().pages().length).toBe(1);
    expect(await page.evaluate('window.stays')).toBe(true);
    expect(new URL(page.url()).origin).toBe(baseURL);
  });
});

describe('the frame', () => {
  it('stays dark once that was chosen', async () => {
    const page = await signedIn('owner');
    // The start page leads on to another one, and that closes an open menu.
    await page.getByRole('heading', { level: 1, name: 'Products' }).waitFor();
    await page.getByRole('button', open('Appearance')).click();
    await page.getByRole('menuitemcheckbox', { name: 'Dark' }).click();
    const isDark = () =>
      page.evaluate(`document.documentElement.classList.contains('awsui-dark-mode')
      || document.body.classList.contains('awsui-dark-mode')`);
    await expect.poll(isDark).toBe(true);
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(isDark).toBe(true);
    await page.evaluate('localStorage.clear()');
  });
  it('says so where there is no page', async () => {
    const page = await signedIn('owner', '/nowhere');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  });
  it('shows a foreign organization like a missing one', async () => {
    expectComplaints(/404/);
    const page = await signedIn('owner', '/organizations/org_none/products');
    await page.getByText('Not found', { exact: true }).waitFor();
  });
  it('loads at most 450 KB of code, compressed, before it shows the products; the chart comes with its page', async () => {
    const page = await newPage();
    const scripts = new Set<string>();
    page.on('response', (response) => {
      if (response.url().endsWith('.js') && response.url().includes('/assets/')) scripts.add(response.url());
    });
    // The browser forgets a body when it leaves for the sign-in.
    const loaded = () => Promise.all([...scripts].map(async (url) => (await fetch(url)).text()));
    const hasChart = (code: string) => code.includes('Licenses in use at most and on average');
    await page.goto('/');
    await chooseAccount(page, 'owner');
    await page.getByRole('link', { name: 'Katalon Runtime Engine' }).waitFor();
    const total = (await loaded()).reduce((sum, code) => sum + gzipSync(code).length, 0);
    expect(total).toBeGreaterThan(50_000);
    expect(total).toBeLessThanOrEqual(450 * 1024);
    console.info(`First load: ${Math.round(total / 1024)} KB of JavaScript, compressed`);
    expect((await loaded()).filter(hasChart)).toEqual([]);

    await page.goto(path('products', 'KRE', 'usage'));
    await page.getByText('Most in use').waitFor();
    expect((await loaded()).filter(hasChart)).toHaveLength(1);
  });
});

describe('products', () => {
  it('are refreshed by themselves', async () => {
    const page = await signedIn('owner');
    const row = page.getByRole('row', { name: /Katalon Runtime Engine/ });
    await row.getByText('0 of 10 used').waitFor();
    const activations = `/v1/organizations/${stack().organizationId}/subscriptions/KRE/activations`;
    await stack().api('user', 'POST', activations, { machineId: 'm-1', sessionId: 'seen' });
    await refresh(page);
    await row.getByText('1 of 10 used').waitFor();
    await stack().api('user', 'DELETE', `${activations}/seen`);
    await refresh(page);
    await row.getByText('0 of 10 used').waitFor();
  });
  it('warn of a near end', async () => {
    const expiresAt = new Date(Date.now() + 7 * 24 * 3600_000).toISOString();
    const terms = { licenseType: 'floating', productName: 'Soon over', quota: 0, expiresAt };
    await stack().api('vendor', 'PUT', `/v1${path('subscriptions', 'SOON')}`, terms);
    const page = await signedIn('owner');
    await page
      .getByRole('row', { name: /Soon over/ })
      .getByLabel('Ends soon')
      .waitFor();
  });
  it('lead to the page of each', async () => {
    const page = await signedIn('owner');
    await page.getByRole('link', { name: 'Katalon Studio Enterprise' }).click();
    await page.getByRole('tab', { name: 'Licensed users' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(path('products', 'KSE'));
    await page.getByRole('link', { name: 'Products' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Products' }).waitFor();
  });
});

describe('while the service is down', () => {
  it('a part that can’t be loaded says so without blinking, and keeps the focus', async () => {
    expectComplaints(/ERR_/);
    const page = await signedIn('owner', path('members'), (page) =>
      page.route('**/members?*', (route) => route.abort('connectionrefused')),
    );
    const retry = page.getByRole('button', { name: 'Try again' });
    await retry.focus();
    const asked = () => page.waitForRequest((request) => request.url().includes('/members?'));
    for (let refreshes = 0; refreshes < 2; refreshes++) await Promise.all([asked(), refresh(page)]);
    expect(await page.locator(':focus').innerText()).toBe('Try again');
    await page.unroute('**/members?*');
    await refresh(page);
    await page.getByRole('row', { name: /owner@acme.example/ }).waitFor();
  });
  it('loaded data stays, marked as old; the page refreshes itself once the service is back', async () => {
    expectComplaints(/Failed to load resource|ERR_/);
    const page = await signedIn('owner');
    const row = page.getByRole('row', { name: /Katalon Runtime Engine/ });
    await row.getByText('0 of 10 used').waitFor();
    await stack().stop();
    const marked = page.getByText(/What you see is from \d+:\d\d:\d\d/);
    await refresh(page);
    await marked.waitFor();
    await page.getByText('The service does not answer').first().waitFor();
    expect(await row.getByText('0 of 10 used').count()).toBe(1);

    await stack().start();
    const activations = `/v1${path('subscriptions', 'KRE', 'activations')}`;
    await stack().api('user', 'POST', activations, { machineId: 'm-1', sessionId: 'after' });
    await refresh(page);
    await row.getByText('1 of 10 used').waitFor();
    expect(await marked.count()).toBe(0);
  });
});
