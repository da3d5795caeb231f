import type { Page, Route } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { keys } from '../../shared/table/store/keys.ts';
import { type Table, update } from '../../shared/table/store/table.ts';
import { type Account, barriers, openConsole, refresh } from './console.ts';

let table: Table;
const { stack, signedIn, expectComplaints } = openConsole({
  fill: async (database) => {
    table = database.client();
  },
});
const tab = (product = 'KSE') => `/organizations/${stack().organizationId}/products/${product}/licensed-users`;
const subscription = () => `/v1/organizations/${stack().organizationId}/subscriptions/KSE`;
const api = () => `${subscription()}/licensed-users`;
const licenses = async (): Promise<{ userId: string; email: string }[]> =>
  (await stack().api('owner', 'GET', api())).items;
const licensed = async () => (await licenses()).map(({ email }) => email).sort();
const grant = (...people: Account[]) =>
  stack().api('owner', 'POST', api(), { emails: people.map((as) => accounts[as].email) });
const row = (page: Page, as: Account) => page.getByRole('row', { name: new RegExp(accounts[as].email) });
const choose = (page: Page, as: Account) =>
  page.getByRole('checkbox', { name: `Select ${accounts[as].email}` }).check({ force: true });

describe('licensed users', () => {
  it('are none at first, and the page says what to do', async () => {
    const page = await signedIn('admin', tab());
    await page.getByText('Nobody has a license yet').waitFor();
    await page.waitForLoadState('networkidle');
    expect(await barriers(page)).toEqual([]);
  });
  it('get licenses by email or by name, with an outcome for each', async () => {
    const page = await signedIn('admin', tab());
    await page.getByText('Nobody has a license yet').waitFor();
    // The button of the empty list, which goes away with the first license.
    await page.getByRole('button', { name: 'Assign licenses' }).last().click();
    const dialog = page.getByRole('dialog', { name: 'Assign licenses' });
    await dialog.getByRole('textbox').fill(`${accounts.owner.email}\nnobody@acme.example`);
    await dialog.getByRole('button', { name: /Members/ }).click();
    await dialog.getByRole('combobox', { name: 'Find members' }).fill('uma');
    await dialog.getByRole('option', { name: accounts.user.name }).click();
    await page.keyboard.press('Escape');
    expect(await dialog.getByRole('textbox').inputValue()).toBe(
      [accounts.owner.email, 'nobody@acme.example', accounts.user.email].join('\n'),
    );
    expect(await barriers(page)).toEqual([]);
    // The list learns of the licenses only after the dialog is closed.
    const closed = Promise.withResolvers<void>();
    await page.route('**/licensed-users?*', async (route) => {
      await closed.promise;
      await route.continue();
    });
    await dialog.getByRole('button', { name: 'Assign', exact: true }).click();
    const outcomes = page.getByRole('dialog', { name: '2 assigned, 1 failed' });
    await outcomes.getByText(`${accounts.user.email} has a license now`).waitFor();
    await outcomes.getByText('nobody@acme.example is no member: invite them').waitFor();
    await outcomes.getByRole('button', { name: 'Close', exact: true }).last().click();
    await page.locator(':focus', { hasText: 'Assign licenses' }).waitFor();
    closed.resolve();
    await page.getByRole('row', { name: accounts.user.email }).waitFor();
    await page.locator(':is(h2, h2 *):focus', { hasText: 'Licensed users' }).waitFor();
    expect(await licensed()).toEqual([accounts.owner.email, accounts.user.email].sort());
  });
  it('get licenses as far as the service answers: the rest can be assigned again, and each outcome is shown', async () => {
    expectComplaints(/ERR_FAILED/);
    const page = await signedIn('admin', tab());
    let down = true;
    await page.route('**/licensed-users', (route) =>
      down && route.request().postData()?.includes('guest-50@') ? route.abort() : route.continue(),
    );
    await page.getByRole('button', { name: 'Assign licenses' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Assign licenses' });
    const emails = Array.from({ length: 51 }, (_, at) => `guest-${at}@acme.example`);
    await dialog.getByRole('textbox').fill(emails.join('\n'));
    await dialog.getByRole('button', { name: 'Assign', exact: true }).click();
    await dialog.getByText('The service does not answer').waitFor();
    await dialog.getByText('50 addresses done').waitFor();
    expect(await dialog.getByRole('textbox').inputValue()).toBe('guest-50@acme.example');
    down = false;
    await dialog.getByRole('button', { name: 'Assign', exact: true }).click();
    const outcomes = page.getByRole('dialog', { name: '0 assigned, 51 failed' });
    await outcomes.getByText('guest-50@acme.example is no member').waitFor();
    expect(await outcomes.getByText(/is no member/).count()).toBe(51);
  });
  it('hand a license over in one step', async () => {
    const page = await signedIn('owner', tab());
    await choose(page, 'user');
    await page.getByRole('button', { name: 'Transfer' }).click();
    const dialog = page.getByRole('dialog', { name: /Transfer the license/ });
    await dialog.getByRole('button', { name: /To/ }).click();
    await page.getByRole('option', { name: accounts.admin.name }).click();
    await dialog.getByRole('button', { name: 'Transfer' }).click();
    await page.getByRole('row', { name: accounts.admin.email }).waitFor();
    expect(await licensed()).toEqual([accounts.admin.email, accounts.owner.email].sort());
  });
  it('stay selected while the list refreshes, and lose their licenses together', async () => {
    const page = await signedIn('owner', tab());
    await choose(page, 'admin');
    await choose(page, 'owner');
    await grant('user');
    await refresh(page);
    await row(page, 'user').waitFor();
    expect(await page.getByRole('checkbox', { name: `Select ${accounts.owner.email}` }).isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Revoke' }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke 2 licenses?' });
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await row(page, 'owner').waitFor({ state: 'detached' });
    await row(page, 'admin').waitFor({ state: 'detached' });
    expect(await licensed()).toEqual([accounts.user.email]);
  });
  it('are selected no longer once their license is gone, also if they get another one', async () => {
    const page = await signedIn('owner', tab());
    await choose(page, 'user');
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Nobody has a license yet').waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Licensed users');

    await grant('user', 'admin');
    await refresh(page);
    await row(page, 'user').waitFor();
    await choose(page, 'admin');
    await page.getByText('(1/2)').waitFor();
    expect(await page.getByRole('button', { name: 'Transfer' }).isEnabled()).toBe(true);
    await page.getByRole('button', { name: 'Revoke' }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke 1 license?' });
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await row(page, 'admin').waitFor({ state: 'detached' });
    expect(await licensed()).toEqual([accounts.user.email]);
  });
  it('are found if they use no license, and lose them together; a license that was used meanwhile stays', async () => {
    expectComplaints(/409/);
    await grant('user', 'billingManager', 'admin', 'owner');
    const pool = { organizationId: stack().organizationId, product: 'KSE' };
    const idle = (await licenses()).filter(({ email }) => email !== accounts.owner.email);
    for (const { userId } of idle)
      await update(table, {
        Key: keys.license(pool, userId),
        UpdateExpression: 'SET licensedAt = :at',
        ExpressionAttributeValues: { ':at': Date.now() - 31 * 86_400_000 },
      });
    const page = await signedIn('owner', tab());
    await row(page, 'owner').waitFor();
    await page.getByRole('button', { name: 'Use of the licenses' }).click();
    await page.getByRole('option', { name: 'Unused for 30 days' }).click();
    await row(page, 'owner').waitFor({ state: 'detached' });
    await row(page, 'user').getByText('No use on record').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Revoke all 3' }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke 3 licenses?' });
    await dialog.getByText(accounts.user.email).waitFor();

    const activation = { machineId: 'desk-1', sessionId: 'back-again' };
    await stack().api('admin', 'POST', `${subscription()}/activations`, activation);
    // The list may not know it yet.
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
    const outcomes = page.getByRole('dialog', { name: '2 revoked, 1 used meanwhile' });
    await outcomes.getByText(`${accounts.user.email}: the license is revoked`).waitFor();
    await outcomes.getByText(`${accounts.admin.email} has used the license meanwhile, and keeps it`).waitFor();
    await outcomes.getByRole('button', { name: 'Close', exact: true }).last().click();
    await page.getByText('No license is unused').waitFor();
    expect(await licensed()).toEqual([accounts.admin.email, accounts.owner.email].sort());

    await page.goto(tab());
    await row(page, 'admin').getByText('desk-1', { exact: true }).waitFor();
    await row(page, 'admin').getByText('Online now').waitFor();
  });
  it('are not listed where licenses are floating', async () => {
    const page = await signedIn('owner', tab('KRE'));
    await page.getByText('Every member may use a license').waitFor();
  });
});

/** Opens the dialog and fills in the emails; returns the button that assigns the licenses. */
const assign = async (page: Page, as: Account) => {
  await page.getByRole('button', { name: 'Assign licenses' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Assign licenses' });
  await dialog.getByRole('textbox').fill(accounts[as].email);
  return dialog.getByRole('button', { name: 'Assign', exact: true });
};

describe('two admins at once', () => {
  beforeAll(async () => {
    for (const { userId } of await licenses()) await stack().api('owner', 'DELETE', `${api()}/${userId}`);
  });

  it('revoke the same license: both learn that it is gone, and it is', async () => {
    await grant('user', 'billingManager');
    const pages = await Promise.all([signedIn('owner', tab()), signedIn('admin', tab())]);
    for (const page of pages) {
      await choose(page, 'user');
      await page.getByRole('button', { name: 'Revoke' }).click();
    }
    // A notification lasts only some seconds, so wait for each page by itself.
    await Promise.all(
      pages.map(async (page) => {
        await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
        await page.getByText('1 license revoked').waitFor();
        await row(page, 'user').waitFor({ state: 'detached' });
        await row(page, 'billingManager').waitFor();
      }),
    );
    expect(await licensed()).toEqual([accounts.billingManager.email]);
  });

  it('assign the last license: one learns that none is left, and what to do, and their lists agree', async () => {
    const { licenseType, expiresAt, productName } = await stack().api('owner', 'GET', subscription());
    await stack().api('vendor', 'PUT', subscription(), { licenseType, expiresAt, productName, quota: 2 });
    const pages = await Promise.all([signedIn('owner', tab()), signedIn('admin', tab())]);
    const [ownersButton, adminsButton] = await Promise.all([assign(pages[0], 'owner'), assign(pages[1], 'admin')]);
    await pages[0].getByText('1 license is available: the first members get it.').waitFor();
    await Promise.all([ownersButton.click(), adminsButton.click()]);

    const outcomes = pages.map((page) => page.getByRole('dialog', { name: /^\d assigned/ }));
    const texts = await Promise.all(outcomes.map((dialog) => dialog.innerText()));
    expect(texts.filter((text) => text.includes('has a license now'))).toHaveLength(1);
    expect(
      texts.filter((text) => text.includes('got none, all are taken: revoke one, or ask your vendor for more')),
    ).toHaveLength(1);

    const now = await licensed();
    expect(now).toHaveLength(2);
    for (const dialog of outcomes) await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    for (const page of pages) {
      for (const email of now) await page.getByRole('row', { name: new RegExp(email) }).waitFor();
      expect(await page.getByRole('row').count()).toBe(1 + now.length);
    }
  });

  it('transfer a license that the other has just revoked: the refusal says why, and the list shows it', async () => {
    expectComplaints(/404|409/);
    const page = await signedIn('owner', tab());
    await choose(page, 'billingManager');
    await page.getByRole('button', { name: 'Transfer' }).click();
    const dialog = page.getByRole('dialog', { name: /Transfer the license/ });
    await dialog.getByRole('button', { name: /To/ }).click();
    await page.getByRole('option', { name: accounts.user.name }).click();
    const revoked = (await licenses()).find(({ email }) => email === accounts.billingManager.email);
    await stack().api('admin', 'DELETE', `${api()}/${revoked?.userId}`);
    // The refusal appears while the lists are still loading.
    const held: Route[] = [];
    const givenUp: string[] = [];
    let told = false;
    page.on('requestfailed', (request) => givenUp.push(request.url()));
    await page.route(/subscriptions/, (route) =>
      told || route.request().method() !== 'GET' ? route.continue() : void held.push(route),
    );
    await dialog.getByRole('button', { name: 'Transfer' }).click();
    await dialog.getByText('Somebody else may have removed it').waitFor();
    expect(givenUp).toEqual([]);
    told = true;
    for (const route of held) await route.continue();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await row(page, 'billingManager').waitFor({ state: 'detached' });
    expect(await licensed()).not.toContain(accounts.user.email);
  });
});
