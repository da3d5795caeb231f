import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type Account, openConsole } from './console.ts';

const { stack, signedIn } = openConsole();

const at = (...names: string[]) => ['/organizations', stack().organizationId, ...names].join('/');

const everything = ['Products', 'My licenses', 'Members', 'Invitations', 'API keys', 'Webhooks', 'Audit trail'];
const managed = ['Licensed users', 'Online licenses', 'Offline licenses', 'Registered machines', 'Usage'];

/** The pages at the side and the tabs of a product, by role. */
const offers: [Account, { pages: string[]; tabs: string[] }][] = [
  ['owner', { pages: everything, tabs: ['Details', ...managed] }],
  ['admin', { pages: everything, tabs: ['Details', ...managed] }],
  ['billingManager', { pages: ['Products', 'My licenses', 'Members', 'API keys'], tabs: ['Details'] }],
  ['user', { pages: ['Products', 'My licenses', 'Members', 'API keys'], tabs: [] }],
  ['vendor', { pages: ['Products'], tabs: ['Details', 'Terms'] }],
];

/** The explanations at addresses that are not for a role. */
const refusals: [Account, string[], string][] = [
  ['billingManager', ['products', 'KRE', 'usage'], 'Usage: for owners and admins'],
  ['billingManager', ['invitations'], 'Invitations: for owners and admins'],
  ['user', ['products', 'KRE'], 'Figures and licenses: for owners, admins, and billing managers'],
  ['user', ['audit-trail'], 'Audit trail: for owners and admins'],
  ['admin', ['products', 'KRE', 'terms'], 'Terms: for the vendor'],
  ['vendor', ['webhooks'], 'Webhooks: for owners and admins'],
];

/** Opens an address as an account; also returns the refusals of the service, from the first request on. */
const open = async (as: Account, path: string): Promise<{ page: Page; refused: string[] }> => {
  const refused: string[] = [];
  const watch = (page: Page) =>
    page.on('response', (response) => {
      if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`);
    });
  return { page: await signedIn(as, path, { watch }), refused };
};

describe('the offered pages', () => {
  it.each(offers)('for the %s are those that it may open, and open without a refusal', async (as, { pages, tabs }) => {
    const { page, refused } = await open(as, at('products', 'KRE'));
    await page.getByRole('navigation', { name: /Side navigation/ }).waitFor();
    const side = page.getByRole('navigation', { name: /Side navigation/ });
    expect((await side.getByRole('link').allInnerTexts()).filter((name) => everything.includes(name))).toEqual(pages);
    if (tabs.length > 0) await page.getByRole('tab', { name: 'Details' }).waitFor();
    expect(await page.getByRole('tab').allInnerTexts()).toEqual(tabs);

    for (const name of tabs) {
      await page.getByRole('tab', { name, exact: true }).click();
      await page.getByRole('tabpanel', { name, exact: true }).waitFor();
      await page.waitForLoadState('networkidle');
    }
    for (const name of pages) {
      await side.getByRole('link', { name, exact: true }).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
    }
    expect(refused).toEqual([]);
  });
});

describe('the other pages', () => {
  it.each(refusals)('for the %s say why at their address, and request nothing: %s', async (as, below, explanation) => {
    const { page, refused } = await open(as, at(...below));
    await page.getByText(explanation).waitFor();
    await page.waitForLoadState('networkidle');
    expect(refused).toEqual([]);
  });
});
