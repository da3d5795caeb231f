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
 * console as an error fails the test, unless the test expects it.
 *
 * @param options.fill puts something into the table before the stack starts
 */
export const openConsole = ({ fill }: { fill?: (database: Database) => Promise<void> } = {}) => {
  let stack: RunningStack;
  let browser: Browser;
  let complaints: string[] = [];
  const kept = new Map<Account, SignIn>();
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
    const context = await browser.newContext({ baseURL: stack.baseUrl, reducedMotion: 'reduce', ...options });
    // A change appears some seconds later, at the page's next refresh; a busy machine takes longer.
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error.stack)));
    return page;
  };

  /** A new browser in which an account signs in, at an address of the page. */
  const signIn = async (as: Account, path = '/', options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await newPage(options);
    await page.goto(path);
    await chooseAccount(page, as);
    return page;
  };

  return {
    stack: () => stack,
    newPage,
    signIn,
    /**
     * A new browser in which an account is signed in, at an address of the page. The sign-in of an account is made
     * once in a file: it loads the page twice.
     *
     * @param watch sees the page before it loads anything
     */
    signedIn: async (
      as: Account,
      path = '/',
      { watch = () => {}, ...options }: BrowserContextOptions & { watch?: (page: Page) => void } = {},
    ): Promise<Page> => {
      if (!kept.has(as)) {
        const page = await signIn(as);
        kept.set(as, {
          storageState: await page.context().storageState(),
          session: await page.evaluate<Record<string, string>>('({ ...sessionStorage })'),
        });
        await page.context().close();
      }
      const { storageState, session } = kept.get(as) as SignIn;
      const page = await newPage({ storageState, ...options });
      await page.addInitScript(keepSession, session);
      watch(page);
      await page.goto(path);
      await personMenu(page, as).waitFor();
      return page;
    },
    /** These complaints of the browser are part of the test. */
    expectComplaints: (like: RegExp) => {
      expected = like;
    },
  };
};

/** The stored data of a sign-in in a browser. */
interface SignIn {
  storageState: Exclude<BrowserContextOptions['storageState'], string | undefined>;
  session: Record<string, string>;
}

/** Runs in the browser, before each page: a new window has the sign-in, a page that changed it keeps what it made of it. */
const keepSession = (session: Record<string, string>) => {
  const { sessionStorage } = globalThis as unknown as {
    sessionStorage: { length: number; setItem(key: string, value: string): void };
  };
  if (sessionStorage.length === 0)
    for (const [key, value] of Object.entries(session)) sessionStorage.setItem(key, value);
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
 * Returns the findings of axe on a page that are a real hindrance.
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
