import { readFileSync } from 'node:fs';
import type { Page, Request } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import type { Pool } from '../../shared/table/store/keys.ts';
import { barriers, openConsole, refresh, refreshUntil } from './console.ts';
import { CROWD, fillCrowd } from './crowd.ts';

let crowd: Pool;
const { stack, signedIn, expectComplaints } = openConsole({
  fill: async (database) => {
    crowd = await fillCrowd(database);
  },
});
const tab = (name: string, product = 'KRE') => `/organizations/${stack().organizationId}/products/${product}/${name}`;
const api = (below: string) => `/v1/organizations/${stack().organizationId}/subscriptions/KRE/${below}`;
const activate = (sessionId: string, machineId: string, more = {}) =>
  stack().api('user', 'POST', api('activations'), { sessionId, machineId, ...more });
const itemsOf = async (list: string): Promise<Record<string, unknown>[]> =>
  (await stack().api('owner', 'GET', api(list))).items;
const select = (page: Page, id: string) => page.getByRole('checkbox', { name: `Select ${id}` }).check({ force: true });

describe('online licenses', () => {
  it('are none at first, and the page says how to get one', async () => {
    const page = await signedIn('admin', tab('online-licenses'));
    await page.getByText('No license is in use').waitFor();
  });
  it('show user, machine, start and end of the lease', async () => {
    await activate('build-1', 'runner-1', { hostname: 'runner-1.example' });
    const page = await signedIn('admin', tab('online-licenses'));
    const row = page.getByRole('row', { name: /build-1/ });
    await row.getByText('Uma User').waitFor();
    for (const text of ['user@acme.example', 'runner-1']) await row.getByText(text, { exact: true }).first().waitFor();
    await row.getByText(/^Live, in/).waitFor();
    expect(await barriers(page)).toEqual([]);
  });
  it('show the columns that the user chose, also after a reload', async () => {
    const page = await signedIn('admin', tab('online-licenses'));
    const host = page.getByRole('row', { name: /build-1/ }).getByText('runner-1.example');
    await page.getByRole('row', { name: /build-1/ }).waitFor();
    expect(await host.count()).toBe(0);
    await page.getByRole('button', { name: 'Preferences' }).click();
    await page.getByRole('dialog').getByRole('checkbox', { name: 'Host name' }).check({ force: true });
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
    await host.waitFor();
    await page.reload();
    await host.waitFor();
  });
  it('are found by their shown texts, and by nothing else', async () => {
    const page = await signedIn('admin', tab('online-licenses'));
    const search = page.getByRole('searchbox', { name: 'Find online licenses' });
    await page.getByRole('row', { name: /build-1/ }).waitFor();
    await search.fill('KRE');
    await page.getByText('No online licenses match').waitFor();
    await search.fill('uma');
    await page.getByRole('row', { name: /build-1/ }).waitFor();
  });
  it('move with their session to a machine that the user chooses by its host name', async () => {
    await activate('build-0', 'runner-2', { hostname: 'spare.example' });
    const page = await signedIn('owner', tab('online-licenses'));
    await select(page, 'build-1');
    await page.getByRole('button', { name: 'Transfer' }).click();
    const dialog = page.getByRole('dialog', { name: 'Transfer session build-1' });
    await dialog.getByRole('combobox', { name: 'To machine' }).and(page.locator(':focus')).waitFor();
    // The list of machines does not cover the dialog that has just opened.
    expect(await dialog.getByRole('option').count()).toBe(0);
    await dialog.getByRole('combobox', { name: 'To machine' }).fill('spare');
    await dialog.getByRole('option', { name: /^runner-2/ }).waitFor();
    expect(await dialog.getByRole('option', { name: /runner-1/ }).count()).toBe(0);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await barriers(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Transfer' }).click();
    await page.getByRole('row', { name: /build-1.*runner-2|runner-2.*build-1/ }).waitFor();
    expect((await itemsOf('activations')).map(({ machineId }) => machineId)).toEqual(['runner-2', 'runner-2']);
    await stack().api('user', 'DELETE', api('activations/build-0'));
  });
  it('are removed together', async () => {
    await activate('build-2', 'runner-3');
    const page = await signedIn('owner', tab('online-licenses'));
    await select(page, 'build-1');
    await select(page, 'build-2');
    await page.getByRole('button', { name: 'Remove license' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove 2 online licenses?' });
    await dialog.getByText('build-2 on runner-3').waitFor();
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('No license is in use').waitFor();
    expect(await itemsOf('activations')).toEqual([]);
  });
});

describe('registered machines', () => {
  it('show their host name and user, and lose their running sessions', async () => {
    await activate('build-3', 'runner-4', { hostname: 'runner-4.example' });
    const page = await signedIn('admin', tab('machines'));
    await page.getByRole('row', { name: /runner-4.*runner-4\.example.*Uma User/ }).waitFor();
    await select(page, 'runner-4');
    await page.getByRole('button', { name: 'Remove licenses' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('No machine is registered').waitFor();
    expect(await itemsOf('machines')).toEqual([]);
  });
  it('may have lost their sessions already: that is no refusal', async () => {
    expectComplaints(/404/);
    await activate('build-6', 'runner-6');
    const page = await signedIn('admin', tab('machines'));
    await select(page, 'runner-6');
    await page.getByRole('button', { name: 'Remove licenses' }).click();
    await stack().api('user', 'DELETE', api('activations/build-6'));
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('Nothing runs online any more on 1 machine.').waitFor();
    await page.getByText('No machine is registered').waitFor();
  });
  it('are deactivated after the page has named the consequences, and stay blocked for the chosen time', async () => {
    await activate('build-4', 'runner-5');
    const page = await signedIn('admin', tab('machines'));
    await select(page, 'runner-5');
    await page.getByRole('button', { name: 'Deactivate' }).click();
    const dialog = page.getByRole('dialog', { name: 'Deactivate 1 machine?' });
    await dialog.getByText('runner-5: 1 online license ends').waitFor();
    await dialog.getByRole('textbox').fill('30');
    expect(await barriers(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Deactivate' }).click();
    await page.getByText('No machine is registered').waitFor();
    await expect(activate('build-5', 'runner-5')).rejects.toThrow(/403/);
  });
});

describe('offline licenses', () => {
  it('are created after the user accepts that this can’t be undone, download at once, and once more', async () => {
    const page = await signedIn('owner', tab('offline-licenses'));
    await page.getByRole('button', { name: 'Create offline license' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Create an offline license' });
    await dialog.getByText('This can’t be undone', { exact: true }).waitFor();
    await dialog.getByRole('combobox', { name: 'Machine ID' }).fill('laptop-12');
    await dialog.getByRole('textbox', { name: 'Description' }).fill('For the trade fair');
    expect(await dialog.getByRole('button', { name: 'Create', exact: true }).isEnabled()).toBe(false);
    await dialog.getByRole('checkbox').check({ force: true });
    const create = dialog.getByRole('button', { name: 'Create', exact: true });
    const lastDay = dialog.getByRole('textbox', { name: 'Last day' });
    await lastDay.pressSequentially('2099/01/3');
    expect(await create.isEnabled()).toBe(false);
    await lastDay.pressSequentially('1');
    await dialog.getByText(/^Choose a day from/).waitFor();
    expect(await create.isEnabled()).toBe(false);
    await lastDay.fill('');
    expect(await barriers(page)).toEqual([]);
    const [atOnce] = await Promise.all([page.waitForEvent('download'), create.click()]);
    expect(atOnce.suggestedFilename()).toBe('KRE_laptop-12.lic');
    expect(readFileSync(await atOnce.path(), 'utf8')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    await page.getByRole('row', { name: /laptop-12/ }).waitFor();
    expect(await itemsOf('offline-licenses')).toMatchObject([
      { machineId: 'laptop-12', description: 'For the trade fair', status: 'active' },
    ]);

    await select(page, 'laptop-12');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download', exact: true }).click(),
    ]);
    expect(readFileSync(await file.path(), 'utf8')).toBe(readFileSync(await atOnce.path(), 'utf8'));
  });
  it('keep their machine from being deactivated, and the page says until when', async () => {
    const page = await signedIn('owner', tab('machines'));
    await select(page, 'laptop-12');
    await page.getByRole('button', { name: 'Deactivate' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('can’t be deactivated before their offline licenses have expired').waitFor();
    expect(await dialog.getByRole('button', { name: 'Deactivate' }).isEnabled()).toBe(false);
  });
});

/** Takes each free license of the user. */
const takeAll = async () => {
  for (let n = 1; n <= 10; n++) await activate(`mine-${n}`, 'desk-1').catch(() => {});
};

describe('my licenses', () => {
  it('show a user its own session and machine, which it ends itself, and why it was refused', async () => {
    for (const desk of ['desk-3', 'desk-4']) await activate(`at-${desk}`, desk);
    await takeAll();
    await expect(activate('one-too-many', 'desk-2')).rejects.toThrow(/409/);
    const page = await signedIn('user', `/organizations/${stack().organizationId}/my-licenses`);
    await page.getByRole('row', { name: /Katalon Studio.*No license: ask an owner or admin/ }).waitFor();
    await page.getByRole('row', { name: /Katalon Runtime.*In use on \d+ machines/ }).waitFor();
    await refreshUntil(page, page.getByRole('row', { name: /All 10 licenses were in use.*desk-2/ }));
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('checkbox', { name: 'Select KRE mine-1', exact: true }).check({ force: true });
    await page.getByRole('button', { name: 'End session' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click();
    await page.getByText('1 session ended: the license is free.').waitFor();
    expect((await itemsOf('activations')).map(({ sessionId }) => sessionId)).not.toContain('mine-1');
  });
});

describe('the figures of a product', () => {
  it('stay above every tab, warn by a word when nearly all is in use, and say when nothing can be used and whom to ask', async () => {
    await takeAll();
    await stack().api('user', 'DELETE', api('activations/mine-1'));
    const page = await signedIn('admin', tab('machines'));
    const figures = ['Subscribed licenses', 'Waiting for a license', 'Expiry date', 'Nearly all in use'];
    for (const text of figures) await page.getByText(text, { exact: true }).waitFor();
    await takeAll();
    await refresh(page);
    await page.getByText('All in use', { exact: true }).waitFor();
    expect(await barriers(page)).toEqual([]);
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const suspended = { licenseType: 'floating', quota: 5, expiresAt, status: 'suspended' };
    await stack().api('vendor', 'PUT', `/v1/organizations/${stack().organizationId}/subscriptions/STOPPED`, suspended);
    await page.goto(`/organizations/${stack().organizationId}/products`);
    const row = page.getByRole('row', { name: /STOPPED/ });
    await row.getByText('Suspended').first().waitFor();
    expect(await row.getByText('Suspended').count()).toBe(2);
    await row.getByRole('link').click();
    await page.getByText('The subscription is suspended').waitFor();
    const vendor = page.getByRole('link', { name: accounts.vendor.email });
    expect(await vendor.getAttribute('href')).toBe(`mailto:${accounts.vendor.email}`);
  });
});

describe('a crowd', () => {
  /** Of one request of the page. */
  const PAGE_ITEMS = 200;
  const path = () => `/organizations/${crowd.organizationId}/products/KRE/online-licenses`;
  const isList = (request: Request) => new URL(request.url()).pathname.endsWith('/activations');

  /** Holds the requests for the list until the test calls the function that this returns. */
  const hold = async (page: Page): Promise<() => void> => {
    const held = Promise.withResolvers<void>();
    await page.route('**/activations?*', async (route) => {
      await held.promise;
      await route.continue();
    });
    return held.resolve;
  };

  it(`${CROWD} online licenses come page by page, and one of them is found`, async () => {
    /** The distinct requests to the service; a repeated one is a refresh. */
    const asked = new Set<string>();
    const page = await signedIn('owner', path(), (page) =>
      page.on('request', (request) => isList(request) && asked.add(request.url())),
    );
    await page.getByRole('row', { name: /build-1\b/ }).waitFor();
    // The number is known from the figures.
    await page.getByText('(1,000)').waitFor();
    expect(asked.size).toBe(1);
    const rows = () => page.getByRole('row').count();
    const elements = () => page.evaluate<number>("document.querySelectorAll('*').length");
    const atFirst = { rows: await rows(), elements: await elements() };
    expect(atFirst.rows).toBeLessThanOrEqual(51);

    // The next request is made when the last page of rows that is known is opened.
    await page.getByRole('button', { name: /page 4/i }).click();
    await page.getByRole('row', { name: /build-151\b/ }).waitFor();
    await expect.poll(() => asked.size).toBe(2);

    // A search asks for the whole list; typing goes on meanwhile.
    const release = await hold(page);
    const search = page.getByRole('searchbox', { name: 'Find online licenses' });
    await search.fill('build-98');
    await page.getByText('so far').first().waitFor();
    await search.fill('build-987');
    release();
    await page.getByRole('row', { name: /build-987/ }).waitFor();
    await page.getByText('1 found', { exact: true }).first().waitFor();
    // The page after the last one says that there is no more.
    expect(asked.size).toBeLessThanOrEqual(CROWD / PAGE_ITEMS + 1);

    await search.fill('');
    await page.getByText(`(${CROWD.toLocaleString('en')})`).waitFor();
    expect(await rows()).toBe(atFirst.rows);
    expect(await elements()).toBeLessThan(atFirst.elements * 1.1);
  });

  it('a page that is opened while the list refreshes comes all the same', async () => {
    const page = await signedIn('owner', path());
    await page.getByText('(1,000)').waitFor();
    const release = await hold(page);
    await Promise.all([page.waitForRequest(isList), refresh(page)]);
    await page.getByRole('button', { name: /page 4/i }).click();
    await page.getByRole('button', { name: /next page/i }).click();
    await page.getByText('Loading online licenses').waitFor();
    release();
    await page.getByRole('row', { name: /build-201\b/ }).waitFor();
  });

  const sessions = (page: Page) => page.getByRole('row', { name: /build-/ });
  const firstSession = async (page: Page) => /build-\d+/.exec(await sessions(page).first().innerText())?.[0];

  it('keeps order, page and search through a reload and Back, and its file has what the search finds', async () => {
    const page = await signedIn('owner', path());
    await sessions(page).first().waitFor();
    await page.getByRole('columnheader', { name: 'Session' }).getByRole('button').first().click({ force: true });
    await page.getByText('(1,000)').waitFor();
    await page.getByRole('button', { name: /page 2 of/i }).click();
    // In the order of the text, build-1 and build-10 come first.
    await expect.poll(() => firstSession(page)).toBe('build-143');
    await page.reload();
    await expect.poll(() => firstSession(page)).toBe('build-143');
    await page.goBack();
    await expect.poll(() => firstSession(page)).toBe('build-1');
    await page.getByRole('row', { name: /build-10\b/ }).waitFor();

    await page.getByRole('searchbox', { name: 'Find online licenses' }).fill('build-98');
    await expect.poll(() => page.getByText('11 found', { exact: true }).count()).toBeGreaterThan(0);
    await page.reload();
    await expect.poll(() => page.getByText('11 found', { exact: true }).count()).toBeGreaterThan(0);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download online licenses as CSV' }).click(),
    ]);
    const [heading, ...rows] = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(heading).toBe('"User","Machine","Session","Host name","Email","Since","Lease until"');
    expect(rows.map((row) => /build-\d+/.exec(row)?.[0])).toEqual([
      'build-98',
      ...Array.from({ length: 10 }, (_, at) => `build-98${at}`),
    ]);
  });

  it('shows 14 rows at once on a laptop, with columns as wide as the user makes them, and cards that fit a phone', async () => {
    const page = await signedIn('owner', path());
    const before = page.viewportSize();
    await page.setViewportSize({ width: 1440, height: 900 });
    await sessions(page).first().waitFor();
    const seen = async () => {
      const boxes = await Promise.all((await sessions(page).all()).map((row) => row.boundingBox()));
      return boxes.filter((box) => box && box.y + box.height <= 900).length;
    };
    await page.getByText(/^To renew/).waitFor();
    await expect.poll(seen).toBeGreaterThanOrEqual(14);

    const header = page.getByRole('columnheader', { name: 'Since' }).first();
    const width = async () => Math.round((await header.boundingBox())?.width ?? 0);
    const found = await width();
    const edge = await header.locator('button').last().boundingBox();
    if (!edge) throw new Error('The column has no edge to drag.');
    const [x, y] = [edge.x + edge.width / 2, edge.y + edge.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 60, y, { steps: 3 });
    await expect.poll(width).toBe(found + 60);
    await page.mouse.up();
    await page.reload();
    await expect.poll(width).toBe(found + 60);

    await page.setViewportSize({ width: 390, height: 844 });
    const card = page.getByRole('group', { name: 'Online licenses' }).locator('li', { hasText: 'build-3' }).first();
    await card.waitFor();
    expect(await card.innerText()).toMatch(/^Olga Owner owner@acme.example\s+runner-3\s/);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await card.getByRole('checkbox').check({ force: true });
    const end = await page.getByRole('button', { name: 'Remove license' }).boundingBox();
    expect(end && end.y + end.height).toBeLessThanOrEqual(844);
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Remove license' }).click();
    await page.getByRole('dialog', { name: 'Remove 1 online license?' }).waitFor();
    if (before) await page.setViewportSize(before);
  });
});

describe('alerts', () => {
  it('are set by an owner or admin, and tested', async () => {
    const page = await signedIn('admin', tab('alerts'));
    await page.getByText('No alert is raised now').waitFor();
    await page.getByRole('button', { name: /^When in use/ }).click();
    await page.getByRole('option', { name: '90 % of the licenses' }).click();
    // The choice stays while another tab is shown.
    await page.getByRole('tab', { name: 'Details' }).click();
    await page.getByRole('tab', { name: 'Alerts' }).click();
    await page.getByRole('button', { name: 'Save alerts' }).click();
    await page.getByText('The alerts are set.').waitFor();
    expect(await stack().api('owner', 'GET', api('alerts'))).toMatchObject({ usePercent: 90, waitMinutes: null });
    await page.getByRole('button', { name: 'Send test alert' }).click();
    await page.getByText(/^A test alert is on the way/).waitFor();
    expect(await barriers(page)).toEqual([]);
  });
});
