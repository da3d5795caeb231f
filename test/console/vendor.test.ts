import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { barriers, openConsole, refresh, refreshUntil } from './console.ts';

const { stack, signedIn, expectComplaints } = openConsole();

const at = (...names: string[]) => ['/organizations', stack().organizationId, ...names].join('/');
const subscription = (product: string) =>
  stack().api('vendor', 'GET', `/v1/organizations/${stack().organizationId}/subscriptions/${product}`);
const activate = (product: string, sessionId: string) =>
  stack().api('user', 'POST', `/v1${at('subscriptions', product, 'activations')}`, { sessionId, machineId: sessionId });

const field = (page: Page, label: string) => page.getByRole('textbox', { name: label, exact: true });

/** Fills in the terms by the labels of their fields, and opens their review. */
const review = async (page: Page, terms: Record<string, string>) => {
  for (const [label, value] of Object.entries(terms)) await field(page, label).fill(value);
  await page.getByRole('button', { name: 'Review' }).click();
  return page.getByRole('dialog', { name: /KRE|NEW|TOOLBOX/ });
};

const changed = async (page: Page, confirm: string) => {
  await page.getByRole('dialog').getByRole('button', { name: confirm, exact: true }).click();
  await page.getByText(/now, as you set it/).waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
};

describe('organizations', () => {
  it('are created with their owner, and open at once', async () => {
    const page = await signedIn('vendor');
    await page.getByRole('link', { name: 'acme' }).waitFor();
    await page.getByRole('button', { name: 'Create organization' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create an organization' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Globex');
    await dialog.getByRole('textbox', { name: 'Owner’s email' }).fill('hank@globex');
    await dialog.getByText('Not an email address.').waitFor();
    await dialog.getByRole('textbox', { name: 'Owner’s email' }).fill('hank@globex.example');
    expect(await barriers(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();

    await page.getByRole('heading', { level: 1, name: 'Globex' }).waitFor();
    const { items } = await stack().api('vendor', 'GET', '/v1/organizations');
    const created = items.find(({ name }: { name: string }) => name === 'Globex');
    expect(new URL(page.url()).pathname).toBe(`/organizations/${created.id}/products`);
  });

  it('are created once, however often the button is pressed', async () => {
    const page = await signedIn('vendor', '/organizations');
    await page.getByRole('button', { name: 'Create organization' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create an organization' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Initech');
    await dialog.getByRole('textbox', { name: 'Owner’s email' }).fill('bill@initech.example');
    await dialog
      .getByRole('button', { name: 'Create', exact: true })
      .evaluate((button) => [button.click(), button.click()]);
    await page.getByRole('heading', { level: 1, name: 'Initech' }).waitFor();
    const { items } = await stack().api('vendor', 'GET', '/v1/organizations');
    expect(items.filter(({ name }: { name: string }) => name === 'Initech')).toHaveLength(1);
  });

  it('do not show the vendor their use of licenses: the page says so instead of a refusal', async () => {
    const asked: string[] = [];
    const page = await signedIn('vendor', at('members'));
    page.on('request', (request) => asked.push(request.url()));
    await page.getByText('Members and sessions are private to acme').waitFor();
    expect(await page.getByRole('navigation').locator(`a[href^="${at()}/"]`).allTextContents()).toEqual([
      'acme',
      'Products',
    ]);

    await page.goto(at('products', 'KRE', 'online-licenses'));
    await page.getByText('Online licenses: for owners and admins').waitFor();
    await page.getByText('Subscribed licenses').waitFor();
    expect(asked.filter((url) => /members|activations/.test(new URL(url).pathname.slice(at().length)))).toEqual([]);
  });
});

describe('all subscriptions', () => {
  it('are listed with their use and end, found by a filter, and lead to their terms', async () => {
    const page = await signedIn('vendor', '/organizations');
    await page.getByRole('link', { name: 'All subscriptions' }).click();
    await page.getByRole('row', { name: /acme.*Katalon Runtime Engine/ }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Ends in 30 days' }).click();
    await page.getByText('No subscription is in this state.').waitFor();
    await page.reload();
    await page.getByText('No subscription is in this state.').waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'Katalon Runtime Engine' }).click();
    await page.getByRole('heading', { level: 1, name: 'Katalon Runtime Engine' }).waitFor();
  });
});

describe('a subscription', () => {
  it('is found by the code of its product while the catalogue is empty, with its figures', async () => {
    const page = await signedIn('vendor', at('products'));
    await page.getByRole('textbox', { name: 'Product code' }).fill('k re');
    expect(await page.getByRole('button', { name: 'Continue' }).isEnabled()).toBe(false);
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Product code' }).fill('kre');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { level: 1, name: 'Katalon Runtime Engine' }).waitFor();
    await page.getByText('0 of 10 used').first().waitFor();
  });

  it('is sold', async () => {
    expectComplaints(/404/);
    const page = await signedIn('vendor', at('products', 'NEW'));
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByText('Choose the day on which it ends.').waitFor();
    await page.getByText('A whole number from 0 to 100,000.').first().waitFor();
    expect(await barriers(page)).toEqual([]);

    await page.getByRole('radio', { name: /Per user/ }).check({ force: true });
    await page.getByRole('checkbox', { name: 'Allowed' }).check({ force: true });
    const dialog = await review(page, {
      'Product name - optional': 'Newest Thing',
      Licenses: '25',
      'Machine quota - optional': '30',
      'Last day': '2031/05/31',
      'Lease, in seconds': '300',
      'Idle timeout, in minutes - optional': '120',
      'Longest offline license, in days - optional': '60',
      'Licenses kept for online use': '5',
    });
    await dialog.getByText('Owners and admins see the subscription at once').waitFor();
    expect(await barriers(page)).toEqual([]);
    // The page asks again whether it was sold meanwhile; nothing that was typed is lost by that.
    await Promise.all([
      page.waitForResponse((response) => response.url().endsWith('/subscriptions/NEW')),
      refresh(page),
    ]);
    await changed(page, 'Sell');

    await page.getByRole('heading', { level: 1, name: 'Newest Thing' }).waitFor();
    expect(await subscription('NEW')).toMatchObject({
      licenseType: 'per-user',
      quota: 25,
      machineQuota: 30,
      leaseSeconds: 300,
      idleTimeoutMinutes: 120,
      offline: { allowed: true, maxDays: 60, reserveOnline: 5 },
      status: 'active',
      expiresAt: expect.stringMatching(/^2031-0(5-31|6-01)/),
    });
  });

  it('is made smaller than its use, after the page has named the consequences', async () => {
    for (const session of ['one', 'two', 'three']) await activate('KRE', session);
    const before = await subscription('KRE');
    const page = await signedIn('vendor', at('products', 'KRE', 'terms'));
    const dialog = await review(page, { Licenses: '2' });
    await dialog.getByText('10 → 2').first().waitFor();
    await dialog
      .getByText('3 licenses are in use, more than 2: nobody loses one, but no new session gets one until fewer than 2')
      .waitFor();
    await dialog.getByText('3 machines are registered, more than 2').waitFor();
    await changed(page, 'Change');

    const after = await subscription('KRE');
    expect(after).toMatchObject({ quota: 2, machineQuota: 2, inUse: { online: 3 }, available: 0 });
    // All else stays, to the millisecond.
    expect(after.expiresAt).toBe(before.expiresAt);
    await expect(activate('KRE', 'four')).rejects.toThrow(/409/);
  });

  it('is renewed: only the edited terms change, whatever somebody else changed meanwhile', async () => {
    const page = await signedIn('vendor', at('products', 'KRE', 'terms'));
    await field(page, 'Last day').press('ControlOrMeta+A');
    await field(page, 'Last day').pressSequentially('2032/12/3');
    await page.getByText('It expires at the end of that day in your time zone.').waitFor();
    expect(await field(page, 'Last day').inputValue()).toBe('2032/12/3');
    await field(page, 'Last day').pressSequentially('1');
    await page.getByText(/It expires on Dec 31, 2032/).waitFor();
    const { licenseType, productName, expiresAt, offline } = await subscription('KRE');
    const other = { licenseType, productName, expiresAt, offline, quota: 20 };
    await stack().api('vendor', 'PUT', `/v1${at('subscriptions', 'KRE')}`, other);
    await refresh(page);
    await expect.poll(() => field(page, 'Licenses').inputValue()).toBe('20');
    await review(page, {});
    await changed(page, 'Change');
    expect(await subscription('KRE')).toMatchObject({ quota: 20, expiresAt: expect.stringMatching(/^203[23]-/) });
  });

  it('changes only in its edited terms, also if somebody else changes it during the confirmation', async () => {
    const page = await signedIn('vendor', at('products', 'KRE', 'terms'));
    await review(page, { 'Lease, in seconds': '240' });
    const { licenseType, productName, expiresAt, offline } = await subscription('KRE');
    const other = { licenseType, productName, expiresAt, offline, quota: 21 };
    await stack().api('vendor', 'PUT', `/v1${at('subscriptions', 'KRE')}`, other);
    await changed(page, 'Change');
    expect(await subscription('KRE')).toMatchObject({ quota: 21, leaseSeconds: 240 });
  });

  it('keeps its form while its figures are shown; each product has its own form', async () => {
    const page = await signedIn('vendor', at('products', 'KRE', 'terms'));
    await field(page, 'Licenses').fill('33');
    await page.getByRole('tab', { name: 'Details' }).click();
    await page.getByText('Subscribed licenses').waitFor();
    await page.getByRole('tab', { name: 'Terms' }).click();
    expect(await field(page, 'Licenses').inputValue()).toBe('33');

    // Both are known by now, and the way between them goes through no other page.
    const go = (product: string) => page.evaluate(`history.pushState(null, '', '${at('products', product, 'terms')}')`);
    await go('KSE');
    await page.getByRole('heading', { level: 1, name: 'Katalon Studio Enterprise' }).waitFor();
    await field(page, 'Licenses').waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Katalon Runtime Engine' }).waitFor();
    await field(page, 'Licenses').fill('34');
    await page.goForward();
    await page.getByRole('heading', { level: 1, name: 'Katalon Studio Enterprise' }).waitFor();
    expect(await field(page, 'Licenses').inputValue()).not.toBe('34');
  });

  it('is suspended, which ends its sessions, and resumed', async () => {
    const page = await signedIn('vendor', at('products', 'KRE', 'terms'));
    await page.getByRole('checkbox', { name: 'Suspended' }).check({ force: true });
    const dialog = await review(page, {});
    await dialog.getByText('activations are refused, and 3 online licenses in use end at the next heartbeat').waitFor();
    await changed(page, 'Change');
    expect((await subscription('KRE')).status).toBe('suspended');
    await expect(activate('KRE', 'five')).rejects.toThrow(/403/);

    await page.getByText('Resume it under Terms.').waitFor();
    // Out from under the notification.
    await page.evaluate('scrollTo(0, 0)');
    await page.getByRole('checkbox', { name: 'Suspended' }).uncheck({ force: true });
    await (await review(page, {})).getByText('Its licenses can be used again at once').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect((await subscription('KRE')).status).toBe('active');
  });
});

describe('the catalogue', () => {
  const products = async () => (await stack().api('vendor', 'GET', '/v1/products')).items;

  it('has the products that are sold: added, and changed in the edited terms alone', async () => {
    const page = await signedIn('vendor', '/catalogue');
    await page.getByText('Any product code can be sold, a mistyped one too.').waitFor();
    await page.getByRole('button', { name: 'Add product' }).first().click();
    const adding = page.getByRole('dialog', { name: 'Add a product' });
    expect(await barriers(page)).toEqual([]);
    await adding.getByRole('textbox', { name: 'Product code' }).fill('toolbox');
    await adding.getByRole('textbox', { name: 'Name' }).fill('Tool Box');
    await adding.getByRole('radio', { name: /Per user/ }).check({ force: true });
    await adding.getByRole('textbox', { name: 'Months' }).fill('6');
    await adding.getByRole('checkbox', { name: 'Allowed' }).check({ force: true });
    await adding.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('Tool Box can be sold now.').waitFor();
    const [added] = await products();
    expect(added).toMatchObject({ product: 'TOOLBOX', licenseType: 'per-user', terms: { quota: 10, months: 6 } });

    await page.getByRole('button', { name: 'Add product' }).first().click();
    await adding.getByRole('textbox', { name: 'Product code' }).fill('TOOLBOX');
    await adding.getByText('The catalogue has this code already').waitFor();
    await adding.getByRole('textbox', { name: 'Product code' }).fill('');
    await adding.getByRole('button', { name: 'Cancel' }).click();

    await page.getByRole('checkbox', { name: 'Select Tool Box' }).check({ force: true });
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    const changing = page.getByRole('dialog', { name: 'Change Tool Box' });
    await changing.getByRole('textbox', { name: 'Licenses', exact: true }).fill('30');
    // Another vendor changes another field meanwhile.
    const { name, licenseType, terms } = added;
    await stack().api('vendor', 'PUT', '/v1/products/TOOLBOX', {
      name,
      licenseType,
      terms: { ...terms, trialDays: 30 },
    });
    await changing.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByText('Tool Box was changed. What was sold stays as it is.').waitFor();
    expect((await products())[0].terms).toEqual({ ...terms, quota: 30, trialDays: 30 });
  });

  it('fills in the terms of a sale; its note is seen and edited by the vendor alone', async () => {
    expectComplaints(/404/);
    const page = await signedIn('vendor', at('products'));
    await page.getByRole('button', { name: /Choose a product/ }).click();
    await page.getByRole('option', { name: /Tool Box/ }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('As the catalogue has it.').waitFor();
    expect(await field(page, 'Product name - optional').inputValue()).toBe('Tool Box');
    expect(await field(page, 'Licenses').inputValue()).toBe('30');
    expect(await page.getByRole('radio', { name: /Floating/ }).isDisabled()).toBe(true);
    const lasting = await field(page, 'Last day').inputValue();
    await page.getByRole('checkbox', { name: 'Trial' }).check({ force: true });
    expect((await field(page, 'Last day').inputValue()) < lasting).toBe(true);
    const dialog = await review(page, { 'Note - optional': 'Met at the fair' });
    await dialog.getByText('Met at the fair').waitFor();
    await changed(page, 'Sell');
    expect(await subscription('TOOLBOX')).toMatchObject({
      productName: 'Tool Box',
      licenseType: 'per-user',
      quota: 30,
      trial: true,
      note: 'Met at the fair',
      offline: { allowed: true },
    });

    await page.getByText('Met at the fair').first().waitFor();
    await page.getByRole('tab', { name: 'Terms' }).click();
    await review(page, { 'Note - optional': '' });
    await page.getByRole('dialog').getByText('Met at the fair → None').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await subscription('TOOLBOX')).not.toHaveProperty('note');
  });

  it('lets no typo sell: the page names near products, and offers the others', async () => {
    expectComplaints(/404/);
    const page = await signedIn('vendor', at('products', 'TOOLBOY'));
    await page.getByText('The catalogue has no product TOOLBOY. Do you mean TOOLBOX?').waitFor();
    expect(await page.getByRole('button', { name: 'Review' }).count()).toBe(0);
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: /Choose a product/ }).click();
    await page.getByRole('option', { name: /Tool Box/ }).waitFor();
  });

  it('loses a product, and all of it is in the vendor’s audit trail', async () => {
    const page = await signedIn('vendor', '/catalogue');
    await page.getByRole('checkbox', { name: 'Select Tool Box' }).check({ force: true });
    await page.getByRole('button', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove 1 product?' });
    await dialog.getByText('an empty catalogue stops no sale').waitFor();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Tool Box is not sold any more.').waitFor();
    expect(await products()).toEqual([]);
    expect(await subscription('TOOLBOX')).toMatchObject({ status: 'active' });

    await page.getByRole('navigation').getByRole('link', { name: 'Vendor audit' }).click();
    const told = (sentence: string) => page.getByRole('row', { name: sentence });
    await refreshUntil(page, told('The vendor took the product TOOLBOX out of the catalogue'));
    await told('The vendor put the product TOOLBOX (Tool Box) into the catalogue').waitFor();
    await told('sold 30 TOOLBOX licenses acme').waitFor();
    expect(await barriers(page)).toEqual([]);
  });
});
