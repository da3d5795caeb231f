import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { createDatabase, type Database } from '../table/support/database.ts';
import { startChromium } from './browser.ts';
import { onDatabase, type RunningStack, startStack } from './stack.ts';

export type Account = keyof typeof accounts;

/**
 * The License Management page in a browser, before a local stack of this test file's own. Whatever a page writes to its
 * console as an error fails the test, unless the test says that it is to be expected.
 *
 * @param options.fill puts something into the table before the stack starts
 */
export const openConsole = ({ fill }: { fill?: (database: Database) => Promise<void> } = {}) => {
  let stack: RunningStack;
  let browser: Browser;
  let complaints: string[] = [];
  let expected: RegExp | undefined;

  beforeAll(async () => {
    const database = await createDatabase();
    await fill?.(database);
    [stack, browser] = await Promise.all([startStack(onDatabase(database)), startChromium()]);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([browser?.close(), stack?.remove()]);
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    const unexpected = complaints.filter((complaint) => !expected?.test(complaint));
    complaints = [];
    expected = undefined;
    expect(unexpected).toEqual([]);
  });

  const newPage = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ baseURL: stack.baseUrl, ...options });
    // What comes by itself comes some seconds after it happened, and at the page's next look; a busy machine takes longer.
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error.stack)));
    return page;
  };

  return {
    stack: () => stack,
    newPage,
    /** A browser of its own in which somebody has signed in, at an address of the page. */
    signedIn: async (as: Account, path = '/', options: BrowserContextOptions = {}): Promise<Page> => {
      const page = await newPage(options);
      await page.goto(path);
      await chooseAccount(page, as);
      return page;
    },
    /** These complaints of the browser are part of the test. */
    expectComplaints: (like: RegExp) => {
      expected = like;
    },
  };
};

/** Signs in at the local provider's page. */
export const chooseAccount = async (page: Page, as: Account) => {
  await page.locator(`button[value="${accounts[as].email}"]`).click();
  await personMenu(page, as).waitFor();
};

/** The menu of whoever is signed in. */
export const personMenu = (page: Page, as: Account) =>
  page.getByRole('button', { name: `signed in as ${accounts[as].email}` });

/**
 * What axe finds on a page that is a real hindrance.
 *
 * @param rules the only ones to check; default: all
 */
export const barriers = async (page: Page, rules?: string[]): Promise<string[]> => {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
};
