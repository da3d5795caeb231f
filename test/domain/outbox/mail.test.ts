import { describe, expect, it } from 'vitest';
import { Role } from '../../../shared/contracts/schemas/organization.ts';
import { alertEmail, invitationEmail, subscriptionEndEmail } from '../../../shared/domain/outbox/mail.ts';
import { emailContentOf, nameInMail } from '../../../shared/domain/outbox/mail-template.ts';
import type { Subscription } from '../../../shared/domain/subscription.ts';

const day = 86_400_000;
const end = Date.UTC(2027, 0, 31, 9, 30);
const token = `lhi_${'a'.repeat(52)}_${'B'.repeat(43)}`;

const invitation = (changes: Partial<Parameters<typeof invitationEmail>[0]> = {}) =>
  invitationEmail({
    organization: { name: 'Acme' },
    inviter: { name: 'Ada Lovelace', email: 'ada@acme.example' },
    role: 'admin',
    expiresAt: end,
    token,
    consoleUrl: undefined,
    ...changes,
  });
const subscription = {
  organizationId: 'org_a',
  product: 'KRE',
  productName: 'Katalon Runtime Engine',
  licenseType: 'floating',
  quota: 10,
  machineQuota: 20,
  expiresAt: end,
} as Subscription;
const figures = { available: 3, inUse: { licensedUsers: 0, online: 5, offline: 2 }, registeredMachines: 6 };
/** Returns text as a reader sees it: without the invisible characters that prevent links. */
const seen = (text: string) => text.replaceAll('\u200c', '');

describe('an invitation', () => {
  it('names the inviter, the organization, the role, the expiry and the token', () => {
    const { subject, text } = invitation();
    expect(subject).toBe('Invitation to Acme');
    expect(seen(text)).toContain('Ada Lovelace (ada@acme.example) invites you to the organization “Acme”');
    expect(text).toContain('an admin');
    expect(text).toContain('31 January 2027 at 09:30 UTC');
    expect(text).toContain(`\n    ${token}\n`);
  });
  it.each(Role.options)('explains the role: %s', (role) => {
    expect(invitation({ role }).text).toContain(role.replace('-', ' '));
  });
  it('has the link to its page, if there is a page, and no inviter’s name, if that is unknown', () => {
    const { text, html } = invitation({ consoleUrl: 'https://console.example.com/' });
    const link = `https://console.example.com/invitations/${token}`;
    expect(text).toContain(`\n    ${link}\n`);
    expect(html).toContain(`<a href="${link}">`);
    expect(text).not.toContain('POST');
    expect(invitation({ inviter: undefined }).text).toContain('Somebody invites you');
  });
});

describe('the mail about the end of a subscription', () => {
  it.each([
    [30 * day, 'ends in 30 days'],
    [6.2 * day, 'ends in 7 days'],
    [day, 'ends in one day'],
    [1, 'ends in one day'],
  ])('%d ms before, says “%s”', (left, when) => {
    const { subject, text } = subscriptionEndEmail({ name: 'Acme' }, subscription, figures, end - left);
    expect(subject).toBe(`Acme: the subscription of Katalon Runtime Engine ${when}`);
    expect(text).toContain(`Katalon Runtime Engine (KRE), held by the organization “Acme”, ${when}.`);
    expect(text).toContain('At its end its licenses stop');
  });
  it.each([0, 9 * day])('%d ms after, says that the subscription has ended', (since) => {
    const { subject, text } = subscriptionEndEmail({ name: 'Acme' }, subscription, figures, end + since);
    expect(subject).toBe('Acme: the subscription of Katalon Runtime Engine has ended');
    expect(text).toContain('Its licenses stopped');
  });
  it('has the figures of the product and the date', () => {
    const { text } = subscriptionEndEmail({ name: 'Acme' }, subscription, figures, end - day);
    expect(text).toMatch(/Ends +31 January 2027 at 09:30 UTC\n/);
    expect(text).toMatch(/Licenses +10, 3 available\n/);
    expect(text).toMatch(/In use online +5\n/);
    expect(text).toMatch(/Offline +2\n/);
    expect(text).toMatch(/Machines +6 of 20\n/);
    expect(text).not.toContain('Licensed users');
  });
  it('names a product once if its name is its code', () => {
    const bare = { ...subscription, productName: 'KRE' };
    const { text } = subscriptionEndEmail({ name: 'Acme' }, bare, figures, end - day);
    expect(text).toContain('The subscription of KRE, held by');
  });
  it('says how many users have a license, for a per-user product', () => {
    const perUser = { ...subscription, licenseType: 'per-user' } as const;
    const some = { ...figures, inUse: { ...figures.inUse, licensedUsers: 4 } };
    expect(subscriptionEndEmail({ name: 'Acme' }, perUser, some, end - day).text).toMatch(/Licensed users +4\n/);
  });
});

describe('the mail of an alert', () => {
  it('says that nearly all licenses are in use while one is left, and then that all are', () => {
    const names = { product: 'KRE', productName: 'Katalon Runtime Engine' };
    const subjectOf = (used: number) => {
      const alert = { kind: 'use' as const, at: Date.UTC(2027, 0, 31), used, quota: 10, waitedMinutes: 0 };
      return alertEmail({ name: 'Acme' }, names, alert, undefined).subject;
    };
    expect(subjectOf(9)).toBe('Acme: Katalon Runtime Engine, nearly all licenses are in use');
    expect(subjectOf(10)).toBe('Acme: Katalon Runtime Engine, all licenses are in use');
  });
});

describe('names that users chose', () => {
  const nasty = '<script>alert(1)</script><a href="https://evil.example">&"\'';

  it('are text in both parts, never markup', () => {
    const letters = [
      invitation({ organization: { name: nasty }, inviter: { name: nasty, email: 'a&b@acme.example' } }),
      subscriptionEndEmail({ name: nasty }, { ...subscription, productName: nasty }, figures, end - day),
    ];
    for (const { html, text } of letters) {
      const tags = new Set([...html.matchAll(/<\/?([a-z!]+)/gi)].map(([, tag]) => tag));
      expect([...tags].filter((tag) => ['script', 'a', 'img'].includes(tag!))).toEqual([]);
      expect(html).toContain('&lt;script&gt;');
      expect(seen(text)).toContain('<script>alert(1)</script>');
    }
  });
  it.each([
    ['line breaks, which could start a header', 'Acme\r\nBcc: victim@example.com', 'Acme Bcc: victim@example.com'],
    ['other control characters', 'A\u0000c\u001bme\u007f\u0085', 'A c me'],
    ['line and paragraph separators', 'A\u2028c\u2029me', 'A c me'],
    ['characters that change the reading direction', 'Acme \u202eEMCA\u202c', 'Acme EMCA'],
    ['invisible characters', 'Ac\u200bme\ufeff', 'Ac me'],
    ['half surrogate pairs', 'Ac\ud800me', 'Ac me'],
    ['superfluous spaces', '  Acme   Inc  ', 'Acme Inc'],
  ])('lose %s', (_, name, left) => {
    expect(seen(nameInMail(name))).toBe(left);
  });
  it('keep the letters of every script, and are cut between characters', () => {
    expect(nameInMail('Żółć Ατλας 日本 🚀')).toBe('Żółć Ατλας 日本 🚀');
    expect(nameInMail('🚀'.repeat(200))).toBe(`${'🚀'.repeat(79)}…`);
  });
  it('are no links: mail programs find none in them', () => {
    const links = /https?:\/\/\S+|www\.\w+|\b\w+\.(?:com|example|io)\b|\w+@\w+/i;
    for (const name of ['Pay at https://evil.example/x', 'www.evil.com', 'evil.io now', 'write to a@evil.com']) {
      expect(name).toMatch(links);
      expect(nameInMail(name)).not.toMatch(links);
      expect(seen(nameInMail(name))).toBe(name);
    }
  });
});

describe('a mail', () => {
  it('says the same as text and as HTML', () => {
    const { text, html } = emailContentOf('S & T', ['One <b>.', [['Name', 'a & b']], { copy: 'x"y' }]);
    expect(text).toBe('One <b>.\n\n    Name   a & b\n\n    x"y\n');
    expect(html).toContain('<title>S &amp; T</title>');
    expect(html).toContain('<p>One &lt;b&gt;.</p>');
    expect(html).toContain('<th align="left" scope="row">Name</th><td>a &amp; b</td>');
    expect(html).toContain('<code>x&quot;y</code>');
  });
});
