import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { barriers, openConsole } from './console.ts';
import { fill, placesOf } from './scene.ts';

const { stack, signedIn, expectComplaints } = openConsole();

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 375, height: 700 };

const aWhile = { timeout: 20_000 };

beforeAll(() => fill(stack()));

/** Returns the elements that reach beyond a phone's screen. A row of tabs scrolls by itself. */
const beyondTheScreen = async (page: Page): Promise<string[]> => {
  const beyond: string[] = [];
  for (const button of await page.locator('main button:visible:not([role=tab])').all()) {
    await button.scrollIntoViewIfNeeded();
    const box = await button.boundingBox();
    if (box && (box.x < 0 || box.x + box.width > PHONE.width))
      beyond.push(`out of sight: ${(await button.textContent()) || (await button.getAttribute('aria-label'))}`);
  }
  return beyond;
};

describe('every page that may be opened', () => {
  it.each(['owner', 'user', 'vendor'] as const)(
    'by the %s has nothing that axe calls a serious hindrance, bright and dark, and fits a phone',
    async (as) => {
      const page = await signedIn(as);
      const wrong: Record<string, string[]> = {};
      for (const { name, path } of placesOf(stack()).filter((place) => place.as === as)) {
        await page.goto(path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await expect.poll(() => page.getByText(/^Loading/).count(), aWhile).toBe(0);
        const bright = await barriers(page);
        await page.emulateMedia({ colorScheme: 'dark' });
        // Nothing else differs.
        const dark = await barriers(page, ['color-contrast']);
        await page.emulateMedia({ colorScheme: 'light' });
        await page.setViewportSize(PHONE);
        // The layout follows a change of the width some moments later.
        const width = () => page.evaluate<number>('document.documentElement.scrollWidth');
        await expect.poll(width, { ...aWhile, message: `the width of ${name}` }).toBeLessThanOrEqual(PHONE.width);
        const beyond = await beyondTheScreen(page);
        await page.setViewportSize(WIDE);
        const found = [...bright, ...dark.map((barrier) => `dark: ${barrier}`), ...beyond];
        if (found.length > 0) wrong[name] = found;
      }
      expect(wrong).toEqual({});
    },
  );
});

describe('without a mouse', () => {
  const isFocused = async (wanted: Locator) => (await wanted.and(wanted.page().locator(':focus')).count()) > 0;

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
    await tabTo(assign.getByRole('textbox'));
    await page.keyboard.type(accounts.owner.email);
    await tabTo(assign.getByRole('button', { name: 'Assign', exact: true }));
    await page.keyboard.press('Enter');
    await page.getByText(`${accounts.owner.email} has a license now`).waitFor();
    expect(await licensed()).toContain(accounts.owner.email);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

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
    await tabTo(revoke.getByRole('button', { name: 'Revoke' }));
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: new RegExp(accounts.owner.email) }).waitFor({ state: 'detached' });
    expect(await licensed()).not.toContain(accounts.owner.email);
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
