import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { barriers, openConsole } from './console.ts';

const { stack, signedIn, expectComplaints } = openConsole();
const tab = (product = 'KSE') => `/organizations/${stack().organizationId}/products/${product}/licensed-users`;
const api = () => `/v1/organizations/${stack().organizationId}/subscriptions/KSE/licensed-users`;
const licensed = async (): Promise<string[]> =>
  (await stack().api('owner', 'GET', api())).items.map(({ email }: { email: string }) => email).sort();
const grant = (...people: (keyof typeof accounts)[]) =>
  stack().api('owner', 'POST', api(), { emails: people.map((as) => accounts[as].email) });
const row = (page: Page, as: keyof typeof accounts) => page.getByRole('row', { name: new RegExp(accounts[as].email) });
const choose = (page: Page, as: keyof typeof accounts) =>
  page.getByRole('checkbox', { name: `Select ${accounts[as].email}` }).check({ force: true });

describe('licensed users', () => {
  it('are none at first, and the page says what to do', async () => {
    const page = await signedIn('admin', tab());
    await page.getByText('Nobody has a license yet').waitFor();
    await page.waitForLoadState('networkidle');
    expect(await barriers(page)).toEqual([]);
  });
  it('get licenses by email, with an outcome for each', async () => {
    const page = await signedIn('admin', tab());
    await page.getByRole('button', { name: 'Assign licenses' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Assign licenses' });
    const emails = [accounts.user.email, accounts.owner.email, 'nobody@acme.example'];
    await dialog.getByRole('textbox').fill(emails.join('\n'));
    expect(await barriers(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Assign', exact: true }).click();
    const outcomes = page.getByRole('dialog', { name: 'What became of each' });
    await outcomes.getByText(`${accounts.user.email} has a license now`).waitFor();
    await outcomes.getByText('nobody@acme.example is no member: invite them').waitFor();
    await outcomes.getByRole('button', { name: 'Close', exact: true }).last().click();
    await page.getByRole('row', { name: accounts.user.email }).waitFor();
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
    const outcomes = page.getByRole('dialog', { name: 'What became of each' });
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
    await expect
      .poll(() => page.evaluate('document.activeElement.textContent'), { timeout: 20_000 })
      .toBe('Licensed users');

    await grant('user', 'admin');
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
  it('are not listed where licenses are floating', async () => {
    const page = await signedIn('owner', tab('KRE'));
    await page.getByText('Every member may use a license').waitFor();
  });
});
