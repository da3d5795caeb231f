import { describe, expect, it } from 'vitest';
import { Role } from '../../../shared/contracts/schemas/organization.ts';
import {
  alertEmail,
  invitationEmail,
  newOwnerEmail,
  recoveryEmail,
  subscriptionEndEmail,
  termsEmail,
} from '../../../shared/domain/outbox/mail.ts';
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
    expect(text).toContain(`
    Ends            31 January 2027 at 09:30 UTC
    Licenses        10, 3 available
    In use online   5
    Offline         2
    Machines        6 of 20

`);
    expect(text).toMatch(/To renew it, ask your vendor\. A renewal takes effect at once\.\n/);
    expect(text).toMatch(/You get this mail because you are an owner or admin of “Acme”\.\n$/);
  });
  it('says of a trial that it is one, and whom to ask for a renewal', () => {
    const trial: Subscription = { ...subscription, trial: true };
    const { subject, text } = subscriptionEndEmail({ name: 'Acme' }, trial, figures, end - day, 'sales@vendor.example');
    expect(subject).toBe('Acme: the trial of Katalon Runtime Engine ends in one day');
    expect(text).toContain('To renew it, ask your vendor (sales@vendor.example). A renewal');
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

/** Returns the paragraphs of a mail, as a reader sees them. A table is one paragraph, without the spaces of its layout. */
const paragraphs = ({ text }: { text: string }) =>
  seen(text)
    .trim()
    .split('\n\n')
    .map((each) => each.replace(/^ {4}/gm, '').replace(/ {2,}/g, ': '));
const acme = { id: 'org_a', name: 'Acme' };
const toManagers = 'You get this mail because you are an owner or admin of “Acme”.';

describe('the rest of an invitation', () => {
  const last = 'If you did not expect this mail, ignore it: you become a member only if you accept.';
  it('says how to accept: with the token, or on the page', () => {
    expect(paragraphs(invitation()).slice(1)).toEqual([
      'Sign in with the address that this mail was sent to, and accept the invitation with this token before 31 January 2027 at 09:30 UTC:',
      token,
      'With the API: POST /v1/invitations/{token}/accept. The token works once, and only for this address. Do not pass it on.',
      last,
    ]);
    expect(paragraphs(invitation({ consoleUrl: 'https://console.example.com/' })).slice(1)).toEqual([
      'To accept it before 31 January 2027 at 09:30 UTC, open this link and sign in with the address that this mail was sent to:',
      `https://console.example.com/invitations/${token}`,
      'The link works once, and only for this address. Do not pass it on.',
      last,
    ]);
  });
});

describe('the mail to the first owner of an organization', () => {
  const role = 'an owner: you can manage everything, including other owners';
  const first = `Your vendor created the organization “Acme” on Leasehold, with you as ${role}.`;
  const last = (vendor: string) =>
    `The first sign-in with this address becomes the owner. If you did not expect this mail, tell ${vendor}.`;
  it('says where to sign in, and whom to tell, as far as the service knows', () => {
    const bare = newOwnerEmail(acme, {});
    expect(bare.subject).toBe('Invitation to Acme');
    const signIn = 'Sign in with the address that this mail was sent to';
    expect(paragraphs(bare)).toEqual([first, `${signIn}.`, last('your vendor')]);
    const links = { consoleUrl: 'https://console.example.com/', contact: 'sales@vendor.example' };
    expect(paragraphs(newOwnerEmail(acme, links))).toEqual([
      first,
      `${signIn}:`,
      'https://console.example.com/organizations/org_a/products',
      last('your vendor (sales@vendor.example)'),
    ]);
  });
});

describe('the mail about new terms', () => {
  const mail = (about: Parameters<typeof termsEmail>[2], changes: Partial<Subscription> = {}, links = {}) =>
    termsEmail(acme, { ...subscription, ...changes }, about, links);
  const table = 'Product: KRE\nLicenses: 10\nMachines: 20\nEnds: 31 January 2027 at 09:30 UTC';

  it('of a sale', () => {
    const sold = mail({ sold: true, expiresAt: end, quota: 10 });
    expect(sold.subject).toBe('Acme has a subscription of Katalon Runtime Engine');
    expect(paragraphs(sold)).toEqual([
      'The organization “Acme” has a subscription of Katalon Runtime Engine.',
      table,
      'Questions? Ask your vendor.',
      toManagers,
    ]);
  });
  it('of a trial, with the address of its page and the vendor’s contact', () => {
    const links = { consoleUrl: 'https://console.example.com/', contact: 'sales@vendor.example' };
    const trial = mail({ sold: true }, { trial: true }, links);
    expect(trial.subject).toBe('Acme has a trial of Katalon Runtime Engine');
    expect(paragraphs(trial)).toEqual([
      'The organization “Acme” has a trial of Katalon Runtime Engine.',
      table,
      'A trial ends by itself: at its end its licenses stop.',
      'https://console.example.com/organizations/org_a/products/KRE',
      'Questions? Ask your vendor (sales@vendor.example).',
      toManagers,
    ]);
  });
  it.each([
    [{ expiresAt: end }, 'ends on 31 January 2027 at 09:30 UTC'],
    [{ quota: 10 }, 'has 10 licenses'],
    [{ quota: 1 }, 'has 1 license'],
    [{ expiresAt: end, quota: 10 }, 'ends on 31 January 2027 at 09:30 UTC and has 10 licenses'],
  ])('of a change: %j', (changed, now) => {
    const changes = mail({ sold: false, ...changed });
    const news = `the subscription of Katalon Runtime Engine now ${now}`;
    expect(changes.subject).toBe(`Acme: ${news}`);
    expect(paragraphs(changes)[0]).toBe(`For the organization “Acme”, ${news}.`);
  });
});

describe('the mail about a recovery', () => {
  const recovery = {
    id: 'rec_1',
    organizationId: 'org_a',
    userId: 'usr_ada',
    email: 'ada@acme.example',
    role: 'admin',
    joinedAt: 0,
    startedAt: end,
    startedBy: 'vendor#sub',
    effectiveAt: end + 3 * day,
    expiresAt: end + 14 * day,
  } as const;
  const mail = (changes: object) => recoveryEmail(acme, { ...recovery, ...changes }, { name: 'Ada' });
  const why = 'A recovery is for a member who can no longer sign in as before.';
  const last = 'You get this mail because you are a member of “Acme”.';

  it('says what is to happen, how to cancel it, and how to consent', () => {
    const open = mail({});
    expect(seen(open.subject)).toBe('Acme: the membership of ada@acme.example is to go over to another sign-in');
    expect(paragraphs(open)).toEqual([
      'The vendor of Leasehold started a recovery: the membership of Ada (ada@acme.example) in the organization “Acme” ' +
        `is to go over to another sign-in with the same address. ${why}`,
      'Role: admin\nStarted: 31 January 2027 at 09:30 UTC\n' +
        'Possible without consent from: 3 February 2027 at 09:30 UTC\n' +
        'Consent of another member: not given\nEnds: 14 February 2027 at 09:30 UTC',
      'Ask that member in person or by phone, not by mail. If the member did not ask for the recovery, an owner, an admin or that member should sign in and cancel it:',
      'DELETE /v1/organizations/org_a/recoveries/rec_1',
      'If the member did ask for it, any other member may consent. The recovery can then be completed at once:',
      'POST /v1/organizations/org_a/recoveries/rec_1/consent',
      last,
    ]);
  });
  it('says that it is done', () => {
    const done = mail({ consentedBy: 'usr_bob', completedAt: end + day });
    expect(seen(done.subject)).toBe('Acme: the membership of ada@acme.example went over to another sign-in');
    expect(paragraphs(done)).toEqual([
      'The vendor of Leasehold started a recovery: the membership of Ada (ada@acme.example) in the organization “Acme” ' +
        `went over to another sign-in with the same address. ${why}`,
      'Role: admin\nStarted: 31 January 2027 at 09:30 UTC\nCompleted: 1 February 2027 at 09:30 UTC\n' +
        'Consent of another member: given',
      'If you did not expect this mail, tell an owner and your vendor at once.',
      last,
    ]);
  });
});

describe('the mail of an alert', () => {
  const to = `${toManagers} Change the alerts on the page of the product.`;
  const names = { product: 'KRE', productName: 'Katalon Runtime Engine' };
  const at = Date.UTC(2027, 0, 31);

  it('has the figures when it was raised, and the address of the page', () => {
    const raised = { kind: 'wait', at, used: 9, quota: 10, waitedMinutes: 12 } as const;
    const mail = alertEmail(acme, names, raised, 'https://console.example.com/p');
    expect(mail.subject).toBe('Acme: Katalon Runtime Engine, somebody waits long for a license');
    expect(paragraphs(mail)).toEqual([
      'Katalon Runtime Engine (KRE) of the organization “Acme”: somebody waits long for a license.',
      'Time: 31 January 2027 at 00:00 UTC\nIn use: 9 of 10\nLongest wait: 12 minutes',
      'https://console.example.com/p',
      to,
    ]);
  });
  it('has no figures if it is a test', () => {
    expect(paragraphs(alertEmail(acme, names, { kind: 'test', at }, undefined))).toEqual([
      'Katalon Runtime Engine (KRE) of the organization “Acme”: this is a test alert.',
      'Time: 31 January 2027 at 00:00 UTC',
      to,
    ]);
  });

  it('says that nearly all licenses are in use while one is left, and then that all are', () => {
    const subjectOf = (used: number) => {
      const alert = { kind: 'use' as const, at, used, quota: 10, waitedMinutes: 0 };
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
    expect(nameInMail('🚀'.repeat(80))).toBe('🚀'.repeat(80));
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
    const table = [
      ['Name', 'a & b'],
      ['Longer name', "it's"],
    ] as const;
    const { text, html } = emailContentOf('S & T', [
      'One <b>.',
      table,
      { copy: 'x"y' },
      { link: 'https://a.example/?b&c' },
    ]);
    expect(text).toBe(
      'One <b>.\n\n    Name          a & b\n    Longer name   it\'s\n\n    x"y\n\n    https://a.example/?b&c\n',
    );
    const row = (name: string, value: string) => `<tr><th align="left" scope="row">${name}</th><td>${value}</td></tr>`;
    expect(html).toBe(
      [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>S &amp; T</title></head>',
        '<body style="font-family: sans-serif"><p>One &lt;b&gt;.</p>',
        `<table cellpadding="4">${row('Name', 'a &amp; b')}${row('Longer name', 'it&#39;s')}</table>`,
        '<p><code>x&quot;y</code></p>',
        '<p><a href="https://a.example/?b&amp;c">https://a.example/?b&amp;c</a></p></body></html>',
        '',
      ].join('\n'),
    );
  });
});
