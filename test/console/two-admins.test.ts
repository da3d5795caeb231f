import type { Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { type Account, openConsole } from './console.ts';

const { stack, signedIn, expectComplaints } = openConsole();

const subscription = () => `/v1/organizations/${stack().organizationId}/subscriptions/KSE`;
const grant = (...people: Account[]) =>
  stack().api('owner', 'POST', `${subscription()}/licensed-users`, { emails: people.map((as) => accounts[as].email) });
const licensed = async (): Promise<string[]> =>
  (await stack().api('owner', 'GET', `${subscription()}/licensed-users`)).items.map(
    ({ email }: { email: string }) => email,
  );
const open = (as: Account) => signedIn(as, `/organizations/${stack().organizationId}/products/KSE/licensed-users`);
const row = (page: Page, as: Account) => page.getByRole('row', { name: new RegExp(accounts[as].email) });
const select = (page: Page, as: Account) =>
  page.getByRole('checkbox', { name: `Select ${accounts[as].email}` }).check({ force: true });

/** Opens the dialog and fills in the emails; returns the button that assigns the licenses. */
const assign = async (page: Page, as: Account) => {
  await page.getByRole('button', { name: 'Assign licenses' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Assign licenses' });
  await dialog.getByRole('textbox').fill(accounts[as].email);
  return dialog.getByRole('button', { name: 'Assign', exact: true });
};

describe('two admins at once', () => {
  it('revoke the same license: both learn that it is gone, and it is', async () => {
    await grant('user', 'billingManager');
    const pages = await Promise.all([open('owner'), open('admin')]);
    for (const page of pages) {
      await select(page, 'user');
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
    const pages = await Promise.all([open('owner'), open('admin')]);
    const [ownersButton, adminsButton] = await Promise.all([assign(pages[0], 'owner'), assign(pages[1], 'admin')]);
    await Promise.all([ownersButton.click(), adminsButton.click()]);

    const outcomes = pages.map((page) => page.getByRole('dialog', { name: 'What became of each' }));
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
    const page = await open('owner');
    await select(page, 'billingManager');
    await page.getByRole('button', { name: 'Transfer' }).click();
    const dialog = page.getByRole('dialog', { name: /Transfer the license/ });
    await dialog.getByRole('button', { name: /To/ }).click();
    await page.getByRole('option', { name: accounts.user.name }).click();
    const { userId } = (await stack().api('owner', 'GET', `${subscription()}/licensed-users`)).items.find(
      ({ email }: { email: string }) => email === accounts.billingManager.email,
    );
    await stack().api('admin', 'DELETE', `${subscription()}/licensed-users/${userId}`);
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
