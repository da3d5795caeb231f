import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Locator, Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import type { Role } from '../../shared/contracts/schemas/organization.ts';
import { addMember } from '../../shared/table/items/members.ts';
import type { Table } from '../../shared/table/store/table.ts';
import { createDatabase, type Database } from '../table/support/database.ts';
import { startChromium } from './browser.ts';
import { onDatabase, type RunningStack, startStack } from './stack.ts';

export type Account = keyof typeof accounts;

/**
 * The License Management page in a browser, before a local stack of this test file's own. An error in the browser's console
 * fails the test, unless the test expects it.
 *
 * @param options.fill puts something into the table before the stack starts
 */
export const openConsole = ({ fill }: { fill?: (database: Database) => Promise<void> } = {}) => {
  let table: Table;
  let stack: RunningStack;
  let browser: Browser;
  let complaints: string[] = [];
  const windows = new Map<Account, Page>();
  let expected: RegExp | undefined;

  beforeAll(async () => {
    const database = await createDatabase({ stream: true });
    table = database.client();
    await fill?.(database);
    [stack, browser] = await Promise.all([startStack(onDatabase(database)), startChromium()]);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), stack?.remove()]);
  });
  afterEach(async () => {
    const kept = [...windows.values()];
    for (const page of kept) await rest(page);
    for (const context of browser.contexts())
      if (!kept.some((page) => page.context() === context)) await context.close();
    const unexpected = complaints.filter((complaint) => !expected?.test(complaint));
    complaints = [];
    expected = undefined;
    expect(unexpected).toEqual([]);
  });

  /** A new browser, in which nobody is signed in. */
  const newPage = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ baseURL: stack.baseUrl, reducedMotion: 'reduce', ...options });
    // A busy machine takes longer than Playwright's own 30 s.
    context.setDefaultTimeout(60_000);
    await context.clock.install();
    await context.addInitScript(bePatient);
    const page = await context.newPage();
    countRequests(page);
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
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
    /** Adds a member to the seeded organization. */
    addMember: (email: string, role: Role) =>
      addMember(table, { organizationId: stack.organizationId, email, role, now: Date.now() }),
    newPage,
    signIn,
    /**
     * Opens an address of the page in the window of an account, which it keeps for the whole file. A full load costs four times as
     * much, a new window and sign-in four times as much again.
     *
     * @param watch sees the page before it requests anything
     */
    signedIn: async (as: Account, path = '/', watch: (page: Page) => unknown = () => {}): Promise<Page> => {
      const kept = windows.get(as);
      const page = kept ?? (await newPage());
      if (kept) await forget(page);
      await watch(page);
      if (kept) await visit(page, path);
      else {
        await page.goto(path);
        await chooseAccount(page, as);
      }
      windows.set(as, page);
      return page;
    },
    /** These complaints of the browser are part of the test. */
    expectComplaints: (like: RegExp) => {
      expected = like;
    },
  };
};

/**
 * Makes a notification last a minute, not 8 s, and a request too, not 15 s: a busy machine stands still for longer than a page
 * that somebody looks at.
 */
const bePatient = `{
  const { setTimeout } = window;
  window.setTimeout = (call, ms, ...more) => setTimeout(call, ms === 8_000 || ms === 15_000 ? 60_000 : ms, ...more);
}`;

/** Opens an address as a link of the page does. */
export const visit = (page: Page, path: string) =>
  page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)});
    new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`);

/** Removes the routes of a test, and goes where the page asks the service nothing. */
const rest = async (page: Page) => {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await visit(page, '/nowhere');
};

/** The page keeps data that it does not show so long, and no notification of success, ms. */
const KEPT_MS = 300_000;

/** Makes a window as good as a new one: the page has forgotten what it showed, and its clock is right. */
const forget = async (page: Page) => {
  await visit(page, '/nowhere');
  await answered(page);
  await page.clock.fastForward(KEPT_MS);
  await page.clock.setSystemTime(Date.now());
  // A problem is shown until it is dismissed.
  if (await page.getByRole('button', { name: 'Dismiss' }).count()) {
    await page.goto('/nowhere');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  }
};

const requests = new WeakMap<Page, Set<Request>>();

const countRequests = (page: Page) => {
  const underWay = new Set<Request>();
  requests.set(page, underWay);
  page.on('request', (request) => underWay.add(request));
  page.on('requestfinished', (request) => underWay.delete(request));
  page.on('requestfailed', (request) => underWay.delete(request));
};

/** Waits until a page has the answers to its requests. */
export const answered = (page: Page) =>
  expect.poll(() => requests.get(page)?.size, { message: 'requests under way' }).toBe(0);

/** Lets the page refresh what it shows, as it does after ten seconds. A request under way would take the refresh's place. */
export const refresh = async (page: Page) => {
  await answered(page);
  await page.clock.fastForward(10_000);
};

/** Waits for something that the service has only some moments later. */
export const refreshUntil = async (page: Page, shown: Locator) => {
  const isShown = async () => {
    await refresh(page);
    return (await shown.count()) > 0;
  };
  await expect.poll(isShown, { interval: 500 }).toBe(true);
};

/** Expires the token of a signed-in page, as after an hour. It can still be renewed. */
export const expireToken = (page: Page) =>
  page.evaluate(`for (const key of Object.keys(sessionStorage)) {
    const user = JSON.parse(sessionStorage.getItem(key));
    sessionStorage.setItem(key, JSON.stringify({ ...user, expires_at: 1 }));
  }`);

/** Signs in at the local provider's page. */
export const chooseAccount = async (page: Page, as: Account) => {
  await page.locator(`button[value="${accounts[as].email}"]`).click();
  await personMenu(page, as).waitFor();
};

/** The menu of whoever is signed in. */
export const personMenu = (page: Page, as: Account) =>
  page.getByRole('button', { name: `signed in as ${accounts[as].email}` });

/**
 * Returns the findings of axe.
 *
 * @param rules the only ones to check; default: all
 */
export const barriers = async (page: Page, rules?: string[]): Promise<string[]> => {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
  const options: axe.RunOptions = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(${JSON.stringify(options)})`);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
};
