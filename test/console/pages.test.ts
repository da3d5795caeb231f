import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { type Account, answered, barriers, openConsole, refresh, visit } from './console.ts';
import { fill, placesOf } from './scene.ts';

const { stack, signedIn, expectComplaints } = openConsole();

const at = (...names: string[]) => ['/organizations', stack().organizationId, ...names].join('/');

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 375, height: 700 };

beforeAll(() => fill(stack()));

/** Returns the elements that reach beyond a phone's screen. A row of tabs scrolls by itself. */
const beyondTheScreen = (page: Page): Promise<string[]> =>
  page.locator('main button:visible:not([role=tab])').evaluateAll(
    (buttons: any[], width) =>
      buttons.flatMap((button) => {
        button.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        const { left, right } = button.getBoundingClientRect();
        const sight = left >= 0 && right <= width;
        return sight ? [] : [`out of sight: ${button.textContent || button.getAttribute('aria-label')}`];
      }),
    PHONE.width,
  );

/** Opens an address, and waits for all that it shows. */
const arrive = async (page: Page, path: string) => {
  await visit(page, path);
  await answered(page);
  // An announcement to a screen reader stays beside the page.
  const loading = page.locator('#root').getByText(/^Loading/);
  await expect.poll(() => loading.count()).toBe(0);
};

describe('every page that may be opened', () => {
  // One test for each: all pages of an owner take minutes on a busy machine.
  it.each(placesOf({ organizationId: 'any' }).map(({ name, as }) => [name, as] as const))(
    '(%s by the %s) has nothing that axe finds fault with, bright and dark, and fits a phone',
    async (name, as) => {
      const page = await signedIn(as);
      await page.setViewportSize(WIDE);
      const place = placesOf(stack()).find((other) => other.name === name);
      await arrive(page, place!.path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const bright = await barriers(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      // Nothing else differs.
      const dark = await barriers(page, ['color-contrast']);
      await page.setViewportSize(PHONE);
      // The layout follows a change of the width some moments later.
      const width = () => page.evaluate<number>('document.documentElement.scrollWidth');
      await expect.poll(width, { message: 'the width' }).toBeLessThanOrEqual(PHONE.width);
      const beyond = await beyondTheScreen(page);
      // An empty page takes its new looks in no time.
      await visit(page, '/nowhere');
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize(WIDE);
      expect([...bright, ...dark.map((barrier) => `dark: ${barrier}`), ...beyond]).toEqual([]);
    },
  );
});

const everything = ['Products', 'My licenses', 'Members', 'Invitations', 'API keys', 'Webhooks', 'Audit trail'];
const managed = ['Licensed users', 'Online licenses', 'Offline licenses', 'Registered machines', 'Alerts', 'Usage'];

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
  return { page: await signedIn(as, path, watch), refused };
};

describe('the offered pages', () => {
  it.each(offers)('for the %s are those that it may open, and open without a refusal', async (as, { pages, tabs }) => {
    const { page, refused } = await open(as, at('products', 'KRE'));
    const side = page.getByRole('navigation', { name: /Side navigation/ });
    await side.waitFor();
    expect((await side.getByRole('link').allInnerTexts()).filter((name) => everything.includes(name))).toEqual(pages);
    if (tabs.length > 0) await page.getByRole('tab', { name: 'Details' }).waitFor();
    expect(await page.getByRole('tab').allInnerTexts()).toEqual(tabs);

    for (const name of tabs) {
      await page.getByRole('tab', { name, exact: true }).click();
      await page.getByRole('tabpanel', { name, exact: true }).waitFor();
      await answered(page);
    }
    for (const name of pages) {
      await side.getByRole('link', { name, exact: true }).click();
      // The vendor reads the name of the organization there.
      await page.getByRole('heading', { level: 1, name: as === 'vendor' ? 'acme' : name }).waitFor();
      await answered(page);
    }
    expect(refused).toEqual([]);
  });
});

describe('the other pages', () => {
  it.each(refusals)('for the %s say why at their address, and request nothing: %s', async (as, below, explanation) => {
    const { page, refused } = await open(as, at(...below));
    await page.getByText(explanation).waitFor();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await answered(page);
    expect(refused).toEqual([]);
  });
  it('of a product for a user has the name of the product', async () => {
    const { page, refused } = await open('user', at('products', 'KRE'));
    await page.getByRole('heading', { level: 1, name: 'Katalon Runtime Engine' }).waitFor();
    await page.getByText('Figures and licenses: for owners').waitFor();
    expect(refused).toEqual([]);
  });
  it('of an unknown organization say so, and lead to the organizations', async () => {
    expectComplaints(/404/);
    const page = await signedIn('owner', '/organizations/org_00000000000000000000000000/products');
    await page.getByText('Organization org_00000000000000000000000000 was not found').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Organization' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('link', { name: 'Organizations' }).click();
    await page.getByRole('heading', { level: 1, name: 'Organizations' }).waitFor();
  });
});

describe('products', () => {
  it.each(['owner', 'admin', 'billingManager'] as const)('show their figures to the %s', async (as) => {
    const page = await signedIn(as);
    const row = page.getByRole('row', { name: /Katalon Studio Enterprise/ });
    await row.getByText('2 of 5 used').waitFor();
    expect(await row.getByRole('progressbar').count()).toBe(1);
    expect(await row.getByText('Per user').count()).toBe(1);
    expect(
      await page
        .getByRole('row', { name: /Katalon Runtime Engine/ })
        .getByText('Floating')
        .count(),
    ).toBe(1);
  });
  it('explain to a user why it sees no figures', async () => {
    const page = await signedIn('user');
    await page.getByText('Figures are for owners, admins and billing managers').waitFor();
    await page.getByRole('link', { name: 'Katalon Runtime Engine' }).waitFor();
    expect(await page.getByText(/of \d+ used/).count()).toBe(0);
  });
});

describe('subscription details', () => {
  it('show how many sessions wait for a license, and for how long', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    await stack().api('vendor', 'PUT', `/v1${at('subscriptions', 'KQ')}`, {
      licenseType: 'floating',
      quota: 1,
      expiresAt,
    });
    const page = await signedIn('billingManager', at('products', 'KQ', 'details'));
    // A waiting session asks again, or loses its place.
    const ask = async () => {
      for (const machineId of ['first', 'patient'])
        await stack().api('user', 'POST', `/v1${at('subscriptions', 'KQ', 'activations')}`, {
          machineId,
          sessionId: machineId,
          waitSeconds: 600,
        });
      await refresh(page);
      return page.getByText(/^1 session, the first for/).count();
    };
    await expect.poll(ask, { interval: 1000 }).toBe(1);
  });
});

describe('without a mouse', () => {
  const isFocused = async (wanted: Locator) => (await wanted.and(wanted.page().locator(':focus')).count()) > 0;

  const focused = (wanted: Locator) => wanted.and(wanted.page().locator(':focus')).first().waitFor();

  /** Presses Tab until this is focused. */
  const tabTo = async (wanted: Locator) => {
    await wanted.waitFor();
    for (let tabs = 0; tabs < 80; tabs++) {
      if (await isFocused(wanted)) return;
      await wanted.page().keyboard.press('Tab');
    }
    throw new Error(`Tab never comes to ${wanted}`);
  };

  it('a license is assigned and revoked', async () => {
    const api = `/v1/organizations/${stack().organizationId}/subscriptions/KSE/licensed-users`;
    const licensed = async () =>
      (await stack().api('owner', 'GET', api)).items.map(({ email }: { email: string }) => email);
    const page = await signedIn('owner', `/organizations/${stack().organizationId}/products/KSE/licensed-users`);
    await tabTo(page.getByRole('button', { name: 'Assign licenses' }));
    await page.keyboard.press('Enter');
    const assign = page.getByRole('dialog', { name: 'Assign licenses' });
    const emails = assign.getByRole('textbox');
    await focused(emails);
    await page.keyboard.press('Escape');
    await focused(page.getByRole('button', { name: 'Assign licenses' }));
    await page.keyboard.press('Enter');
    await focused(emails);
    await page.keyboard.type(accounts.owner.email);
    await page.keyboard.press('Escape');
    await focused(assign.getByRole('button', { name: 'Keep editing' }));
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await focused(emails);
    expect(await emails.inputValue()).toBe(accounts.owner.email);
    await tabTo(assign.getByRole('button', { name: 'Assign', exact: true }));
    await page.keyboard.press('Enter');
    await page.getByText(`${accounts.owner.email} has a license now`).waitFor();
    expect(await licensed()).toContain(accounts.owner.email);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await focused(page.getByRole('button', { name: 'Assign licenses' }));

    // In a table the arrows go from cell to cell.
    await tabTo(page.getByRole('checkbox', { name: /Select all users/ }));
    const row = page.getByRole('checkbox', { name: `Select ${accounts.owner.email}` });
    for (let downs = 0; downs < 5; downs++) {
      if (await isFocused(row)) break;
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('Space');
    expect(await row.isChecked()).toBe(true);
    await page.keyboard.press('Shift+Tab');
    await tabTo(page.getByRole('button', { name: 'Revoke' }));
    await page.keyboard.press('Enter');
    const revoke = page.getByRole('dialog', { name: 'Revoke 1 license?' });
    await focused(revoke.getByRole('button', { name: 'Cancel' }));
    await tabTo(revoke.getByRole('button', { name: 'Revoke' }));
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: new RegExp(accounts.owner.email) }).waitFor({ state: 'detached' });
    expect(await licensed()).not.toContain(accounts.owner.email);
    // The button that opened the dialog is disabled: nothing is selected any more.
    await focused(page.locator(':is(h2, h2 *)', { hasText: 'Licensed users' }));
  });

  it('the command palette leads to a page, a member and an action, by typing', async () => {
    const page = await signedIn('owner', at('members'));
    await page.getByRole('heading', { level: 1, name: 'Members' }).waitFor();
    const palette = page.getByRole('dialog', { name: 'Go to' });
    const search = palette.getByRole('combobox');
    const goTo = async (text: string, option: RegExp) => {
      await page.keyboard.press('ControlOrMeta+k');
      await focused(search);
      await page.keyboard.type(text);
      await palette.getByRole('option', { name: option, selected: true }).waitFor();
    };
    await page.getByRole('link', { name: 'API keys' }).focus();
    await page.keyboard.press('ControlOrMeta+k');
    await focused(search);
    await page.keyboard.type('zzzz');
    await palette.getByText('Nothing matches.').waitFor();
    await page.locator('[aria-live=polite]', { hasText: 'Nothing matches' }).first().waitFor({ state: 'attached' });
    await page.keyboard.press('Escape');
    await focused(page.getByRole('link', { name: 'API keys' }));

    await goTo('KRE usage', /^KRE: Usage/);
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Usage', selected: true }).waitFor();
    await goTo('uma us', /Uma User.*user@acme.example/);
    await page.keyboard.press('Enter');
    await page.locator('h1:focus', { hasText: 'Members' }).waitFor();
    await goTo('assign kse', /^Assign licenses of KSE/);
    await page.keyboard.press('Enter');
    await focused(page.getByRole('dialog', { name: 'Assign licenses' }).getByRole('textbox'));
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('the first tab stop leads past the navigation', async () => {
    const page = await signedIn('owner', at('members'));
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Members' }).waitFor();
    await page.keyboard.press('Tab');
    await focused(page.getByRole('link', { name: 'Skip to the content' }));
    await page.keyboard.press('Enter');
    await focused(page.getByRole('heading', { level: 1, name: 'Members' }));
  });
});

describe('a screen reader', () => {
  it('announces what was done and refused, and begins at the heading of an opened page', async () => {
    expectComplaints(/400/);
    const page = await signedIn('owner', `/organizations/${stack().organizationId}/invitations`);
    const announced = (text: string) =>
      page.locator('[aria-live=polite]', { hasText: text }).first().waitFor({ state: 'attached' });
    await page.getByRole('checkbox', { name: 'Select new@acme.example' }).check({ force: true });
    await page.getByRole('button', { name: 'Revoke' }).click();
    await announced('1 invitation revoked');

    await page.getByRole('link', { name: 'Members' }).click();
    await page.locator('h1:focus', { hasText: 'Members' }).waitFor();
    await page.getByRole('checkbox', { name: `Select ${accounts.owner.email}` }).check({ force: true });
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await announced('last owner');
  });
});
