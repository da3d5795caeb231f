import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { barriers, expireToken, openConsole, refresh, refreshUntil } from './console.ts';

const { stack, addMember, newPage, signedIn, expectComplaints } = openConsole();
const at = (name: string) => `/organizations/${stack().organizationId}/${name}`;
const itemsOf = async (list: string): Promise<Record<string, unknown>[]> =>
  (await stack().api('owner', 'GET', `/v1${at(list)}`)).items;
const select = (page: Page, id: string) => page.getByRole('checkbox', { name: `Select ${id}` }).check({ force: true });

/** Returns the lines of a text on a page, which its element begins with. */
const linesOf = (page: Page, text: string): Promise<string[]> =>
  page.getByText(text).evaluate((element: any, length) => {
    const { ownerDocument: document } = element;
    const { NodeFilter } = document.defaultView;
    const lines: { top: number; text: string }[] = [];
    const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    let left = length;
    for (let node = nodes.nextNode(); node; node = nodes.nextNode())
      for (let at = 0; at < node.length && left > 0; at++, left--) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const { top } = range.getBoundingClientRect();
        const line = lines.at(-1);
        if (line && Math.abs(line.top - top) < 2) line.text += node.data[at];
        else lines.push({ top, text: node.data[at] });
      }
    return lines.map(({ text }) => text);
  }, text.length);

describe('invitations', () => {
  it('are sent to several, each with a link that is shown once', async () => {
    const page = await signedIn('owner', at('invitations'));
    await page.getByText('Nobody is invited').waitFor();
    await page.getByRole('button', { name: 'Invite' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Invite people' });
    await dialog.getByRole('textbox').fill(`new@acme.example, ${accounts.user.email}`);
    expect(await barriers(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
    const outcomes = page.getByRole('dialog', { name: '1 invited, 1 a member already' });
    await outcomes.getByText('new@acme.example is invited').waitFor();
    await outcomes.getByText(`${accounts.user.email} is a member already`).waitFor();
    await outcomes.getByText(/\/invitations\/lhi_/).waitFor();
    expect((await itemsOf('invitations')).map(({ email }) => email)).toEqual(['new@acme.example']);
  });
  it('name organization, role and inviter, and are accepted without the link too; the new member sees the pages of a user', async () => {
    const invited = await stack().api('owner', 'POST', `/v1${at('invitations')}`, {
      emails: ['grace@acme.example'],
      role: 'user',
    });
    const page = await newPage();
    expectComplaints(/500/);
    await page.route('**/v1/invitations?*', (route) => route.fulfill({ status: 500, body: '{}' }));
    await page.goto(`/invitations/${invited.items[0].invitation.token}`);
    await page.getByRole('textbox', { name: /an invited person/ }).fill('grace@acme.example');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('The service does not answer').waitFor();
    await page.unroute('**/v1/invitations?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('You are signed in as grace@acme.example').waitFor();
    await refreshUntil(page, page.getByRole('heading', { name: 'You are invited to Acme' }));
    await page.getByText(`Olga Owner (${accounts.owner.email})`).waitFor();
    expect(await barriers(page)).toEqual([]);

    await page.goto('/');
    await page.getByText(`Olga Owner (${accounts.owner.email}) invites you as user`).waitFor();
    await page.getByText('Accept the invitation above.').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Accept the invitation' }).click();

    await page.getByText('You are a member now, as user.').waitFor();
    await page.getByRole('link', { name: 'Katalon Runtime Engine' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(at('products'));
    await page.getByText('invites you as user').waitFor({ state: 'detached' });
    const asked = page.waitForRequest((request) => new URL(request.url()).pathname === '/v1/invitations');
    await page.evaluate("dispatchEvent(new Event('focus'))");
    await asked;
    expect(await itemsOf('members')).toContainEqual(
      expect.objectContaining({ email: 'grace@acme.example', role: 'user' }),
    );
  });

  it('are for the invited person alone; another person learns so', async () => {
    expectComplaints(/404/);
    const invited = await stack().api('owner', 'POST', `/v1${at('invitations')}`, {
      emails: ['alan@acme.example'],
      role: 'user',
    });
    const page = await signedIn('user', `/invitations/${invited.items[0].invitation.token}`);
    await page.getByRole('button', { name: 'Accept the invitation' }).click();
    await page.getByText('An invitation is valid once, for the invited address').waitFor();
    expect((await itemsOf('members')).map(({ email }) => email)).not.toContain('alan@acme.example');
    await stack().api('owner', 'DELETE', `/v1${at('invitations')}/${invited.items[0].invitation.id}`);
  });

  it('show a long address on one line of a row, and on a phone in lines that end between its parts', async () => {
    const email = 'francesca.bartolomei-castiglione@contractors.example';
    const { items } = await stack().api('owner', 'POST', `/v1${at('invitations')}`, { emails: [email], role: 'user' });
    const page = await signedIn('owner', at('invitations'));
    const before = page.viewportSize();
    expect(await linesOf(page, email)).toEqual([email]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole('table').waitFor({ state: 'detached' });
    const lines = await linesOf(page, email);
    expect(lines.join('')).toBe(email);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.slice(0, -1).filter((line) => !/[-@.]$/.test(line))).toEqual([]);
    if (before) await page.setViewportSize(before);
    await stack().api('owner', 'DELETE', `/v1${at('invitations')}/${items[0].invitation.id}`);
  });

  it('are revoked', async () => {
    const [invitation] = await itemsOf('invitations');
    const page = await signedIn('owner', at('invitations'));
    await select(page, String(invitation?.email));
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Nobody is invited').waitFor();
    expect(await itemsOf('invitations')).toEqual([]);
  });
  it('are sent to more people than fit one request', async () => {
    const emails = Array.from({ length: 51 }, (_, at) => `guest-${at}@acme.example`);
    const page = await signedIn('owner', at('invitations'));
    await page.getByRole('button', { name: 'Invite' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Invite people' });
    await dialog.getByRole('textbox').fill(emails.join('\n'));
    await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
    const outcomes = page.getByRole('dialog', { name: '51 invited' });
    await outcomes.getByText('guest-50@acme.example is invited').waitFor();
    expect(await outcomes.getByText(/ is invited$/).count()).toBe(51);
  });
});

describe('API keys', () => {
  it('are shown once, when they are created, and revoked', async () => {
    const before = (await itemsOf('api-keys')).length;
    const page = await signedIn('owner', at('api-keys'));
    await page.getByRole('button', { name: 'Create API key' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Create an API key' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Nightly build');
    await dialog.getByRole('textbox', { name: 'Last day' }).fill('2031/05/31');
    expect(await barriers(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    const shown = page.getByRole('dialog', { name: 'The API key was created' });
    await shown.getByText(/^lh_/).waitFor();
    await shown.getByText(/^export LEASEHOLD_URL='http.*\nexport LEASEHOLD_ORGANIZATION='org_.*\n.*='lh_/).waitFor();
    await shown.getByRole('tab', { name: 'GitHub' }).click();
    const block = shown.getByText(/^gh variable set LEASEHOLD_URL/);
    await block.waitFor();
    expect(await block.evaluate((element: any) => element.scrollWidth <= element.clientWidth)).toBe(true);
    expect(await barriers(page)).toEqual([]);
    await shown.getByRole('button', { name: 'Close', exact: true }).last().click();
    await page.getByRole('row', { name: /Nightly build/ }).waitFor();
    expect(await page.getByText(/^lh_/).count()).toBe(0);
    const created = (await itemsOf('api-keys')).find(({ name }) => name === 'Nightly build');
    expect(created).toMatchObject({
      scope: 'activate',
      expiresAt: new Date('2031-05-31T23:59:59').toISOString(),
    });

    // The search finds it by its member.
    const search = page.getByRole('searchbox', { name: 'Find API keys' });
    await search.fill('nobody@acme.example');
    await page.getByText('No API keys match').waitFor();
    await search.fill(accounts.owner.email);
    await page.getByRole('row', { name: /Nightly build/ }).waitFor();

    await select(page, 'Nightly build');
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('row', { name: /Nightly build/ }).waitFor({ state: 'detached' });
    expect(await itemsOf('api-keys')).toHaveLength(before);
  });
});

describe('a dialog', () => {
  /** Escape, and a click beside the dialog. */
  const stray = async (page: Page) => {
    await page.keyboard.press('Escape');
    await page.mouse.click(5, 400);
  };

  it('keeps its input, and a secret shown once, after a stray key or click', async () => {
    const page = await signedIn('owner', at('api-keys'));
    await page.getByRole('button', { name: 'Create API key' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Create an API key' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Weekly build');
    await page.mouse.click(5, 400);
    await dialog.getByRole('button', { name: 'Keep editing' }).click();
    expect(await dialog.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Weekly build');
    const asked = Promise.withResolvers<void>();
    const strayed = Promise.withResolvers<void>();
    await page.route('**/api-keys', async (route) => {
      if (route.request().method() === 'POST') {
        asked.resolve();
        await strayed.promise;
      }
      await route.continue();
    });
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await asked.promise;
    await dialog.getByRole('button', { name: 'Cancel', disabled: true }).waitFor();
    await stray(page);
    strayed.resolve();
    const shown = page.getByRole('dialog', { name: 'The API key was created' });
    await shown.getByText(/^lh_/).waitFor();
    await stray(page);
    await shown.getByText(/^lh_/).waitFor();
    await shown.getByRole('button', { name: 'Close', exact: true }).last().click();
    await shown.waitFor({ state: 'detached' });
  });
});

describe('members', () => {
  it('are shown to all members, and managed by owners and admins', async () => {
    const page = await signedIn('user', at('members'));
    await page.getByRole('row', { name: /owner@acme.example/ }).waitFor();
    expect(await page.getByRole('button', { name: 'Change role' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Invitations' }).count()).toBe(0);
    expect(await barriers(page)).toEqual([]);
  });
  it('with the role of owner are not offered to admins, neither to manage nor to act as', async () => {
    const page = await signedIn('admin', at('members'));
    await select(page, accounts.user.email);
    await page.getByRole('button', { name: 'Remove', disabled: false }).waitFor();
    await select(page, accounts.owner.email);
    await page.getByRole('button', { name: 'Remove', disabled: true }).waitFor();
    const reason = page.getByText('Only owners change and remove owners.');
    await reason.first().waitFor({ state: 'attached' });

    await page.goto(at('api-keys'));
    await page.getByRole('button', { name: 'Create API key' }).first().click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Acts as/ })
      .click();
    await page.getByRole('option', { name: accounts.user.email }).waitFor();
    expect(await page.getByRole('option', { name: accounts.owner.email }).count()).toBe(0);
  });
  it('get another role', async () => {
    const page = await signedIn('owner', at('members'));
    await select(page, accounts.billingManager.email);
    await page.getByRole('button', { name: 'Change role' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /Role/ }).click();
    await page.getByRole('option', { name: /^admin/ }).click();
    await dialog.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByText(`${accounts.billingManager.email} is admin now.`).waitFor();
    const changed = (await itemsOf('members')).find(({ email }) => email === accounts.billingManager.email);
    expect(changed).toMatchObject({ role: 'admin' });
  });
  it('keep their last owner, and the page says why', async () => {
    expectComplaints(/400/);
    await addMember('henry@acme.example', 'user');
    const page = await signedIn('owner', at('members'));
    await select(page, accounts.owner.email);
    await select(page, 'henry@acme.example');
    await page.getByRole('button', { name: 'Remove' }).click();
    await page
      .getByRole('dialog', { name: 'Remove 2 members?' })
      .getByRole('button', { name: 'Remove', exact: true })
      .click();
    // The dialog keeps the refused member, to try again; the other one is removed.
    const dialog = page.getByRole('dialog', { name: 'Remove 1 member?' });
    await dialog.getByText('Refused for 1 of 2').waitFor();
    await dialog
      .getByText(`${accounts.owner.email}: `)
      .getByText(/last owner/)
      .waitFor();
    expect(await dialog.getByText('henry@acme.example').count()).toBe(0);
    expect((await itemsOf('members')).map(({ email }) => email)).not.toContain('henry@acme.example');
    expect((await itemsOf('members')).map(({ email }) => email)).toContain(accounts.owner.email);
  });
  it('are removed, and then see nothing of the organization', async () => {
    expectComplaints(/40[34]/);
    const removed = await signedIn('user', at('members'));
    await removed.getByRole('row', { name: new RegExp(accounts.user.email) }).waitFor();
    const page = await signedIn('owner', at('members'));
    await select(page, accounts.user.email);
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('row', { name: new RegExp(accounts.user.email) }).waitFor({ state: 'detached' });
    expect((await itemsOf('members')).map(({ email }) => email)).not.toContain(accounts.user.email);

    // The service caches a membership for half a minute, but only of the same token.
    await expireToken(removed);
    await refresh(removed);
    await removed.getByText('Not found', { exact: true }).waitFor();
    await removed.getByRole('row').first().waitFor({ state: 'detached' });
    await removed.goto('/');
    await removed.getByText('You are in no organization yet').waitFor();
  });
});
