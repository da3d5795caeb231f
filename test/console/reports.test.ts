import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { eventually } from '../eventually.ts';
import { startTarget } from '../webhook-target.ts';
import { barriers, openConsole, refreshUntil } from './console.ts';

const { stack, signIn, signedIn, expectComplaints } = openConsole();
const at = (...names: string[]) => ['/organizations', stack().organizationId, ...names].join('/');
const activate = (sessionId: string, machineId: string, product = 'KRE', waitSeconds = 0) =>
  stack().api('user', 'POST', `/v1${at('subscriptions', product, 'activations')}`, {
    sessionId,
    machineId,
    waitSeconds,
  });

beforeAll(async () => {
  await activate('build-1', 'runner-1');
  await activate('build-2', 'runner-2');
});

describe('usage', () => {
  it('is drawn against the quota of the time, with the refusals in a chart of their own, by day or by hour', async () => {
    const page = await signedIn('owner', at('products', 'KRE', 'usage'));
    await page.getByRole('heading', { name: 'Use over time' }).waitFor();
    await page.getByText('Most in use').waitFor();
    await page.getByText('Quota', { exact: true }).first().waitFor();
    await page.getByText('Nobody was refused in this time.').waitFor();
    await refreshUntil(page, page.getByRole('row', { name: /build-1/ }));
    expect(await barriers(page)).toEqual([]);
    const asked = page.waitForResponse((response) => response.url().includes('granularity=hour'));
    await page.getByRole('button', { name: /^Intervals/ }).click();
    await page.getByRole('option', { name: 'By hour' }).click();
    expect((await asked).status()).toBe(200);
    const askedAgain = page.waitForResponse((response) => response.url().includes('granularity=hour'));
    await page.reload();
    expect((await askedAgain).status()).toBe(200);
  });
  it('covers the typed days, once they are complete', async () => {
    const page = await signedIn('owner', at('products', 'KRE', 'usage'));
    await page.getByText('Most in use').waitFor();
    const asked = new Set<string | null>();
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname.endsWith('/usage')) asked.add(searchParams.get('from'));
    });
    const from = page.getByRole('textbox', { name: 'From' });
    await from.press('ControlOrMeta+A');
    await from.pressSequentially('2026/02/03');
    expect(await from.inputValue()).toBe('2026/02/03');
    await expect.poll(() => [...asked]).toContain('2026-02-03');
    await from.press('Backspace');
    expect(await from.inputValue()).toBe('2026/02/0');
    expect([...asked].filter((day) => !/^\d{4}-\d\d-\d\d$/.test(String(day)))).toEqual([]);
    await page.getByRole('button', { name: 'Choose the first day' }).click();
    await page.getByRole('dialog', { name: 'Calendar' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });
  it('that can’t be loaded is not shown as no refusal', async () => {
    expectComplaints(/500/);
    const page = await signedIn('owner', at('products', 'KRE', 'usage'), (watched) =>
      watched.route(/\/usage\?/, (route) => route.fulfill({ status: 500, body: '{}' })),
    );
    await page.getByText('The service does not answer').first().waitFor();
    expect(await page.getByText('Nobody was refused').count()).toBe(0);
  });
  it('shows the waits for a license, and the wait of each session', async () => {
    const none = await signedIn('owner', at('products', 'KRE', 'usage'));
    await none.getByText('Nobody waited for a license in this time.').waitFor();
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    await stack().api('vendor', 'PUT', `/v1${at('subscriptions', 'KQ')}`, {
      licenseType: 'floating',
      quota: 1,
      expiresAt,
    });
    await activate('before', 'runner-1', 'KQ');
    const ask = async () => (await activate('waits', 'runner-2', 'KQ', 600)).status;
    expect(await ask()).toBe('waiting');
    // A session that does not ask again loses its place.
    await Promise.all([
      stack().api('user', 'DELETE', `/v1${at('subscriptions', 'KQ', 'activations', 'before')}`),
      expect.poll(ask).toBe('active'),
    ]);
    const page = await signedIn('owner', at('products', 'KQ', 'usage'));
    const row = page.getByRole('row', { name: /waits/ });
    await refreshUntil(page, row);
    await row
      .getByText(/^\d+ s$/)
      .last()
      .waitFor();
    await page.getByRole('heading', { name: 'Waiting for a license' }).waitFor();
    await page.getByText('Longest wait').waitFor();
    expect(await barriers(page)).toEqual([]);
  });
  it('shows the sessions of one machine, and downloads them as a file', async () => {
    const page = await signedIn('owner', at('products', 'KRE', 'usage'));
    await page.getByRole('row', { name: /build-1/ }).waitFor();
    await page.getByRole('textbox', { name: 'Machine' }).fill('runner-2');
    await page.getByRole('row', { name: /build-1/ }).waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /build-2/ }).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download sessions as CSV' }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/^License Utilization_acme_org_\w+_\d{8}-\d{8}\.csv$/);
    const [heading, ...rows] = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(heading).toMatch(/^Username,User email,Session ID/);
    expect(rows).toEqual([expect.stringContaining('build-2')]);
  });
});

describe('the audit trail', () => {
  it('says each event in a sentence, has its fields in a panel, and can be filtered', async () => {
    const page = await signedIn('admin', at('audit-trail'));
    await refreshUntil(page, page.getByRole('row', { name: /Uma User started the KRE session build-1 on runner-1/ }));
    await page
      .getByRole('button', { name: /^Details: Uma User started the KRE session build-1/ })
      .first()
      .click();
    await page.getByRole('row', { name: /Machine ID runner-1/ }).waitFor();
    await page.getByRole('row', { name: /^Action Session started \(activation.started\)/ }).waitFor();
    await page.getByRole('row', { name: new RegExp(`^Time .*${new Date().getFullYear()}`) }).waitFor();
    expect(await barriers(page)).toEqual([]);
    const before = page.viewportSize();
    await page.setViewportSize({ width: 390, height: 844 });
    const card = page.locator('li', { hasText: 'Uma User started the KRE session' }).first();
    await card.waitFor();
    expect((await card.innerText()).match(/Details/g)).toHaveLength(1);
    await page.getByRole('button', { name: 'Choose the last day' }).click();
    const calendar = await page.getByRole('dialog', { name: 'Calendar' }).boundingBox();
    expect(calendar && calendar.x + calendar.width).toBeLessThanOrEqual(390);
    await page.keyboard.press('Escape');
    if (before) await page.setViewportSize(before);
    await page.getByText('newest first, the last 30 days').waitFor();
    const long = new Date(Date.now() - 100 * 24 * 3600_000);
    const typed = [long.getFullYear(), long.getMonth() + 1, long.getDate()].map((part) =>
      String(part).padStart(2, '0'),
    );
    await page.getByRole('textbox', { name: 'From' }).pressSequentially(typed.join('/'));
    await page.getByText(`newest first, since ${long.toLocaleDateString('en', { dateStyle: 'medium' })}`).waitFor();

    await page.getByRole('textbox', { name: 'What it happened to' }).fill('build-2');
    const started = page.getByRole('row', { name: /started the KRE session/ });
    await expect
      .poll(() => started.allInnerTexts())
      .toEqual([expect.stringContaining('Uma User started the KRE session build-2 on runner-2')]);
    await page.reload();
    await started.first().waitFor();
    expect(await page.getByRole('textbox', { name: 'What it happened to' }).inputValue()).toBe('build-2');
    expect(await started.count()).toBe(1);
  });
});

describe('events', () => {
  it('are found by actor, target and action', async () => {
    const page = await signedIn('admin', at('audit-trail'));
    const search = page.getByRole('searchbox', { name: 'Find events' });
    await page.getByRole('row').nth(1).waitFor();
    for (const [text, row] of [
      ['user@acme.example', /started the KRE session/],
      ['build-1', /started the KRE session/],
      ['api-key.created', /created the API key/],
    ] as const) {
      await search.fill('no such thing');
      await page.getByText('No events match').waitFor();
      await search.fill(text);
      await page.getByRole('row', { name: row }).first().waitFor();
    }
  });
});

describe('webhooks', () => {
  it('are created with a secret that is shown once, confirmed, show their deliveries, and are removed', async () => {
    const target = await startTarget({ answers: false });
    const page = await signedIn('owner', at('webhooks'));
    await page.getByRole('button', { name: 'Create webhook' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Create a webhook' });
    await dialog.getByRole('textbox', { name: 'Address' }).fill(target.url);
    expect(await barriers(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    const shown = page.getByRole('dialog', { name: 'The webhook was created' });
    const created = await shown.getByText(/^whsec_/).innerText();
    await shown.getByRole('button', { name: 'Close', exact: true }).last().click();
    const { items } = await stack().api('owner', 'GET', `/v1${at('webhooks')}`);
    expect(items).toMatchObject([{ url: target.url, events: ['*'], confirmedAt: null }]);

    await page.getByText('Not confirmed yet').waitFor();
    await eventually(() => expect(target.challenges).not.toEqual([]));
    const { challenge } = JSON.parse(target.challenges[0]!.body);
    await page.getByRole('checkbox', { name: `Select ${items[0].url}` }).check({ force: true });
    await page.getByRole('button', { name: 'Confirm', exact: true }).click();
    const confirm = page.getByRole('dialog', { name: 'Confirm the webhook?' });
    await confirm.getByRole('textbox', { name: 'Challenge' }).fill(challenge);
    expect(await barriers(page)).toEqual([]);
    await confirm.getByRole('button', { name: 'Confirm', exact: true }).click();
    await page.getByText('Active', { exact: true }).waitFor();

    await activate('build-3', 'runner-3');
    await page.getByRole('button', { name: 'Show deliveries' }).click();
    const delivery = page.getByRole('row', { name: /activation.started/ }).first();
    await refreshUntil(page, delivery);
    await delivery.getByRole('checkbox').check({ force: true });
    await page.getByRole('button', { name: 'Deliver again' }).click();
    await page.getByText('1 delivery on the way again.').waitFor();

    await page.getByRole('button', { name: 'Send test event' }).click();
    await page.getByText(/^The test event dlv_\w+ is on the way/).waitFor();
    await page.getByRole('button', { name: /^Show request and answer of webhook.test/ }).click();
    await page.getByText('"type": "webhook.test"').waitFor();
    expect(await barriers(page)).toEqual([]);

    await page.getByRole('button', { name: 'Rotate secret' }).click();
    const rotate = page.getByRole('dialog', { name: 'Give the webhook a new secret?' });
    await rotate.getByRole('textbox').fill('0');
    expect(await barriers(page)).toEqual([]);
    await rotate.getByRole('button', { name: 'Rotate', exact: true }).click();
    const rotated = page.getByRole('dialog', { name: 'The new signing secret' });
    expect(await rotated.getByText(/^whsec_/).innerText()).not.toBe(created);
    await rotated.getByRole('button', { name: 'Close', exact: true }).last().click();

    // The page must not ask for the deliveries of a webhook that is gone: it closes them first.
    await page.route(`**/webhooks/${items[0].id}`, async (route) => {
      await delivery.waitFor({ state: 'detached' });
      await route.continue();
    });
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('No webhook yet').waitFor();
    expect((await stack().api('owner', 'GET', `/v1${at('webhooks')}`)).items).toEqual([]);
  });
});

/** Answers requests for sessions at once, before the page has drawn that it asks: with three pages, all without a session. */
const emptyPages = `{
  const { fetch } = window;
  const nextOf = { first: 'second', second: 'third', third: null };
  window.asked = [];
  window.fetch = (input, init) => {
    const { pathname, searchParams } = new URL(input, location);
    if (!pathname.endsWith('/sessions')) return fetch(input, init);
    window.asked.push(searchParams.get('cursor'));
    const body = JSON.stringify({ items: [], nextCursor: nextOf[searchParams.get('cursor') ?? 'first'] });
    const headers = new Headers({ 'content-type': 'application/json' });
    return Promise.resolve({ ok: true, status: 200, headers, text: async () => body });
  };
}`;

describe('a list', () => {
  it('is loaded to its end, however soon a page without items comes', async () => {
    // A browser of its own, as no other test wants these answers.
    const page = await signIn('owner', at('products', 'KRE', 'usage'));
    await page.addInitScript(emptyPages);
    await page.reload();
    const asked = () => page.evaluate<(string | null)[]>('window.asked');
    await expect.poll(async () => (await asked()).length).toBeGreaterThan(2);
    expect((await asked()).slice(0, 3)).toEqual([null, 'second', 'third']);
  });
});

describe('a typed filter', () => {
  it('is sent after a pause in typing, not key by key', async () => {
    const page = await signedIn('owner', at('products', 'KRE', 'usage'));
    await page.getByRole('row', { name: /build-1/ }).waitFor();
    const asked = new Set<string>();
    page.on('request', (request) => {
      const machineId = new URL(request.url()).searchParams.get('machineId');
      if (machineId) asked.add(machineId);
    });
    // However long each key takes, no time passes while somebody types.
    await page.clock.pauseAt(Date.now() + 1_000);
    await page.getByRole('textbox', { name: 'Machine' }).pressSequentially('runner-2');
    await page.clock.resume();
    await page.getByRole('row', { name: /build-1/ }).waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /build-2/ }).waitFor();
    expect([...asked]).toEqual(['runner-2']);
  });
});

describe('a former member', () => {
  it('can be chosen in the filters of sessions and events', async () => {
    const members = `/v1${at('members')}`;
    const { items } = await stack().api('owner', 'GET', members);
    const { userId } = items.find(({ email }: { email: string }) => email === accounts.user.email);
    await stack().api('admin', 'POST', `/v1${at('subscriptions', 'KRE', 'activations')}`, {
      sessionId: 'build-9',
      machineId: 'runner-9',
    });
    await stack().api('owner', 'DELETE', `${members}/${userId}`);
    const page = await signedIn('owner', at('products', 'KRE', 'usage'));
    await refreshUntil(page, page.getByRole('row', { name: /build-9/ }));
    await page.getByRole('button', { name: 'User Anybody' }).click();
    await page.getByRole('option', { name: /user@acme.example, no longer a member/ }).click();
    await page.getByRole('row', { name: /build-9/ }).waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /build-1/ }).waitFor();

    await page.goto(at('audit-trail'));
    await page.getByRole('button', { name: 'Who Anybody' }).click();
    await page.getByRole('option', { name: /user@acme.example, no longer a member/ }).click();
    await page.getByRole('row', { name: /removed the member/ }).waitFor({ state: 'detached' });
    await page
      .getByRole('row', { name: /user@acme.example started the KRE session/ })
      .first()
      .waitFor();
  });
});
