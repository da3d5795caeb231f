import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import { sendMail as sendMailSpec } from '../../../infra/functions.ts';
import type { Member } from '../../../shared/domain/accounts/member.ts';
import type { Mail } from '../../../shared/domain/outbox/mail.ts';
import { maxAttempts } from '../../../shared/domain/outbox/retry-schedule.ts';
import { newId } from '../../../shared/ids.ts';
import type { Email } from '../../../shared/outbound/compose-mail.ts';
import { MailJob, mailJobOf } from '../../../shared/outbound/mail-job.ts';
import { sendMail } from '../../../shared/outbound/send-mail.ts';
import { acceptInvitation } from '../../../shared/table/accounts/accept-invitation.ts';
import { completeRecovery } from '../../../shared/table/accounts/complete-recovery.ts';
import { revokeInvitation } from '../../../shared/table/accounts/invitations.ts';
import { cancelRecovery, consentToRecovery, startRecovery } from '../../../shared/table/accounts/recoveries.ts';
import { setRole } from '../../../shared/table/accounts/set-role.ts';
import { activateFloating } from '../../../shared/table/activations/activate-floating.ts';
import { addMember, listMembers } from '../../../shared/table/items/members.ts';
import { setAlert, testAlert } from '../../../shared/table/outbox/alerts.ts';
import { beginAttempt } from '../../../shared/table/outbox/attempts.ts';
import { writeNotice } from '../../../shared/table/outbox/expiry-notices.ts';
import { planMails } from '../../../shared/table/outbox/mails.ts';
import { removeMember } from '../../../shared/table/removals/remove-member.ts';
import { listEvents } from '../../../shared/table/reports/list-events.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { asActor, type Table } from '../../../shared/table/store/table.ts';
import { withGrant } from '../../api/support/grants.ts';
import { eventually } from '../../eventually.ts';
import { collectOrders } from '../support/collected-orders.ts';
import { createPool } from '../support/database.ts';
import { inviteOne } from '../support/invite-one.ts';
import { losingAnswers } from '../support/requests/lost-answers.ts';
import { reactionsToRecord } from '../support/stream/follow.ts';

const { feed, orders } = await collectOrders('MAIL_QUEUE_URL', MailJob);
const { table, settle } = feed;

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A new organization, with an owner, an admin, a billing manager and a user, and what concerns its mails. */
const open = async (expiresAt = Date.now() + 400 * day, licenseType: 'floating' | 'per-user' = 'floating') => {
  const { set, ...pool } = await createPool(table, { expiresAt, licenseType });
  const { organizationId } = pool;
  const stamp = newId('org').slice(-8);
  const at = (who: string) => `${who}-${stamp}@acme.example`;
  const join = (who: 'second' | 'admin' | 'billing' | 'user', role: 'owner' | 'admin' | 'billing-manager' | 'user') =>
    addMember(table, { organizationId, email: at(who), role, now: Date.now() });
  await join('second', 'owner');
  const admin = await join('admin', 'admin');
  await join('billing', 'billing-manager');
  await join('user', 'user');
  /** The mails of a kind. Default: all but those that every organization begins with. */
  const all = async (kind?: 'new-owner' | 'terms'): Promise<Mail[]> => {
    const { Items = [] } = await table.client.send(
      new ScanCommand({
        TableName: table.name,
        ConsistentRead: true,
        FilterExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': keys.mail({ organizationId, id: '' }).pk },
      }),
    );
    const begun = ['new-owner', 'terms'];
    return (Items as Mail[]).filter(({ about }) => (kind ? about.kind === kind : !begun.includes(about.kind)));
  };
  const someone = at('new');
  const inviteSomeone = async (expiresAt = Date.now() + day) => {
    const request = { organizationId, email: someone, role: 'user', expiresAt, invitedBy: admin.userId } as const;
    const invited = await inviteOne(table, request, Date.now());
    if (invited.outcome !== 'invited') throw new Error(invited.outcome);
    return invited;
  };
  const until = (check: (mails: Mail[]) => void) => eventually(async () => check(await all()));
  return { organizationId, pool, admin, at, all, someone, inviteSomeone, set, until };
};
const posting = (answer: () => Promise<string> = async () => 'ses-1') => {
  const letters: Email[] = [];
  const send = vi.fn(async (_id: string, email: Email) => {
    letters.push(email);
    return answer();
  });
  return { send, letters };
};
const settleUntil = async (now: number, check: () => Promise<void>) =>
  eventually(async () => {
    await settle(now);
    await check();
  });

describe('an invitation', () => {
  it('is one mail to who is invited, with the very token that the answer had, which is kept nowhere', async () => {
    const { someone, inviteSomeone, until, all } = await open();
    const { token, invitation } = await inviteSomeone();
    await until((mails) => expect(mails).toMatchObject([{ status: 'pending', attempts: 0 }]));
    const [mail] = await all();
    await eventually(() => expect(orders).toContainEqual(mailJobOf(mail!)));

    const { send, letters } = posting();
    expect(await sendMail(table, mailJobOf(mail!), { send, now: Date.now() })).toEqual({ outcome: 'sent' });
    expect(letters).toMatchObject([{ to: someone, subject: 'Invitation to Acme' }]);
    expect(letters[0]!.text).toContain(token);
    expect(letters[0]!.html).toContain(token);
    expect(await all()).toMatchObject([{ status: 'sent', attempts: 1, lastAnswer: { messageId: 'ses-1' } }]);

    const [, , secret] = token.split('_');
    const { Items } = await table.client.send(new ScanCommand({ TableName: table.name, ConsistentRead: true }));
    expect(JSON.stringify(Items)).not.toContain(secret);
    const reader = { subject: 'sub', userId: newId('usr'), email: someone };
    expect(await acceptInvitation(table, token, reader, Date.now())).toMatchObject({ outcome: 'member' });
    expect(invitation.email).toBe(someone);
  });
  it('made again is another mail, and the one before is dropped if it was not sent yet', async () => {
    const { inviteSomeone, until, all } = await open();
    await inviteSomeone();
    await until((mails) => expect(mails).toHaveLength(1));
    const [first] = await all();
    const { token } = await inviteSomeone();
    await until((mails) => expect(mails).toHaveLength(2));
    const { send, letters } = posting();
    for (const mail of await all()) await sendMail(table, mailJobOf(mail), { send, now: Date.now() });
    expect(letters.map(({ text }) => text.includes(token))).toEqual([true]);
    expect((await all()).find(({ id }) => id === first!.id)).toMatchObject({ status: 'dropped' });
  });
  it('that was revoked, or has expired, is not mailed any more', async () => {
    const [revoked, expired] = [await open(), await open()];
    const { invitation } = await revoked.inviteSomeone();
    await revokeInvitation(table, revoked.organizationId, invitation.id, Date.now());
    await expired.inviteSomeone(Date.now() + hour);
    const { send } = posting();
    for (const { until, all } of [revoked, expired]) {
      await until((mails) => expect(mails).toHaveLength(1));
      const [mail] = await all();
      const sent = await sendMail(table, mailJobOf(mail!), { send, now: Date.now() + hour });
      expect(sent).toEqual({ outcome: 'dropped' });
    }
    expect(send).not.toHaveBeenCalled();
  });
  it('that changes otherwise asks for no further mail', async () => {
    const { organizationId, inviteSomeone, until, all } = await open();
    const { invitation } = await inviteSomeone();
    await until((mails) => expect(mails).toHaveLength(1));
    await revokeInvitation(table, organizationId, invitation.id, Date.now());
    await feed.caughtUp();
    expect(await all()).toHaveLength(1);
  });
});

describe('a new organization', () => {
  it('is one mail to its first owner, with the link to it; none once that person is no owner any more', async () => {
    const { organizationId, all } = await open();
    await eventually(async () => expect(await all('new-owner')).toHaveLength(1));
    await feed.caughtUp();
    const [mail, ...others] = await all('new-owner');
    expect(others).toEqual([]);
    const { send, letters } = posting();
    const sending = { send, now: Date.now(), consoleUrl: 'https://page.example.com' };
    const { items: members } = await listMembers(table, organizationId, { limit: 50 });
    const first = members.find(({ role, email }) => role === 'owner' && !email.startsWith('second-'));
    await sendMail(table, mailJobOf(mail!), sending);
    expect(letters).toMatchObject([{ to: first?.email, subject: 'Invitation to Acme' }]);
    expect(letters[0]!.text).toContain(`https://page.example.com/organizations/${organizationId}/products\n`);

    const other = await open();
    await eventually(async () => expect(await other.all('new-owner')).toHaveLength(1));
    const [late] = await other.all('new-owner');
    const about = late?.about as { userId: string };
    const { organizationId: id } = other;
    await removeMember(table, { organizationId: id, userId: about.userId, by: 'owner', now: Date.now() });
    expect(await sendMail(table, mailJobOf(late!), sending)).toEqual({ outcome: 'dropped' });
  });
});

describe('the end of a subscription', () => {
  it('is told to each owner and admin, and nobody else, at each step once', async () => {
    const end = Date.now() + 40 * day;
    const { all, at } = await open(end);
    const pending = async () => (await all()).filter(({ status }) => status === 'pending');
    for (const step of [30, 7, 1, 0] as const) {
      const now = end - step * day + minute;
      await settleUntil(now, async () => expect(await pending()).toHaveLength(3));
      // And again, for whom the schedule or the stream runs twice.
      await settle(now);
      await feed.caughtUp();
      const { send, letters } = posting();
      for (const mail of await pending()) await sendMail(table, mailJobOf(mail), { send, now });
      expect(letters).toHaveLength(3);
      const told = letters.map(({ to }) => to).sort();
      expect(told).toEqual([at('admin'), expect.stringMatching(/^owner\d+@/), at('second')]);
      const left = step === 0 ? 'has ended' : `ends in ${step === 1 ? 'one day' : `${step} days`}`;
      for (const { subject } of letters)
        expect(subject).toBe(`Acme: the subscription of Katalon Runtime Engine ${left}`);
    }
  });
  it('is told as it is when the mail is sent: not to who is no admin any more, not of an end that was moved', async () => {
    const end = Date.now() + 6 * day;
    const { organizationId, pool, admin, set, until, all } = await open(end);
    const notice = { ...pool, kind: 'expiring', step: 7, daysLeft: 6, expiresAt: end, noticedAt: Date.now() } as const;
    await writeNotice(table, notice);
    await until((mails) => expect(mails).toHaveLength(3));
    await setRole(table, { organizationId, userId: admin.userId, role: 'user', by: 'owner' });
    const { send, letters } = posting();
    for (const mail of await all()) await sendMail(table, mailJobOf(mail), { send, now: Date.now() });
    expect(letters).toHaveLength(2);
    expect((await all()).filter(({ status }) => status === 'dropped')).toMatchObject([{ about: admin }]);

    await writeNotice(table, { ...notice, step: 1 });
    await until((mails) => expect(mails).toHaveLength(5));
    await set({ expiresAt: end + 365 * day });
    for (const mail of (await all()).filter(({ status }) => status === 'pending'))
      expect(await sendMail(table, mailJobOf(mail), { send, now: Date.now() })).toEqual({ outcome: 'dropped' });
    expect(letters).toHaveLength(2);
  });
  it('a warning that is late for its end is dropped: the end has its own mail', async () => {
    const end = Date.now() + 2 * hour;
    const { pool, until, all } = await open(end);
    await writeNotice(table, {
      ...pool,
      kind: 'expiring',
      step: 1,
      daysLeft: 1,
      expiresAt: end,
      noticedAt: Date.now(),
    });
    await until((mails) => expect(mails).toHaveLength(3));
    const { send } = posting();
    for (const mail of await all())
      expect(await sendMail(table, mailJobOf(mail), { send, now: end })).toEqual({ outcome: 'dropped' });
  });
});

describe('what the vendor does', () => {
  const links = { consoleUrl: 'https://licenses.example.com', contact: 'sales@vendor.example' };
  /** Sends the mails to the first owner, oldest first. */
  const sent = async (mails: Mail[], userId: string) => {
    const { send, letters } = posting();
    for (const mail of mails)
      if ('userId' in mail.about && mail.about.userId === userId)
        await withGrant(sendMailSpec, () => sendMail(table, mailJobOf(mail), { send, now: Date.now(), ...links }));
    return letters;
  };

  it('is told to each owner and admin: a sale and a resize, with a link', async () => {
    const { organizationId, all, set } = await open();
    const members = (await listMembers(table, organizationId, { limit: 10 })).items;
    const owner = members.find(({ email }) => email.startsWith('owner')) as Member;
    const told = async (sold: boolean) =>
      (await all('terms')).filter(({ about }) => about.kind === 'terms' && about.sold === sold);
    const ofOwner = (mails: Mail[]) =>
      mails.some(({ about }) => about.kind === 'terms' && about.userId === owner.userId);
    await eventually(async () => expect(ofOwner(await told(true))).toBe(true));
    const before = await sent(await told(true), owner.userId);
    expect(before.map(({ subject }) => subject)).toEqual(['Acme has a subscription of Katalon Runtime Engine']);
    for (const { to, text, html } of before) {
      expect(to).toBe(owner.email);
      expect(text).toContain(`https://licenses.example.com/organizations/${organizationId}/products`);
      expect(html).toContain('<a href="https://licenses.example.com/');
      expect(text).toContain('Ask your vendor (sales@vendor.example).');
    }

    await set({ quota: 25, trial: true });
    await set({ quota: 25, trial: true, suspended: true });
    await eventually(async () => expect(await told(false)).toHaveLength(3));
    const [letter] = await sent(await told(false), owner.userId);
    expect(letter?.subject).toBe('Acme: the trial of Katalon Runtime Engine now has 25 licenses');
  });
});

describe('an alert', () => {
  const subjects = async ({ all }: Awaited<ReturnType<typeof open>>, now: number) => {
    const { send, letters } = posting();
    for (const mail of await all()) await sendMail(table, mailJobOf(mail), { send, now });
    return letters.map(({ subject }) => subject);
  };

  it('of the use is one mail to each owner and admin, and one event, however often the schedule runs', async () => {
    const opened = await open();
    const { organizationId, pool, set, all } = opened;
    await set({ quota: 1, leaseSeconds: 86_400 });
    await activateFloating(table, pool, { sessionId: 's', userId: 'usr_u', machineId: 'm' });
    const setAt = Date.now();
    await setAlert(table, pool, { usePercent: 90, useMinutes: 5, waitMinutes: null }, setAt);
    await feed.caughtUp();
    for (const minutes of [2, 4]) await settle(setAt + minutes * minute);
    await feed.caughtUp();
    expect(await all()).toEqual([]);
    await settleUntil(setAt + 8 * minute, async () => expect(await all()).toHaveLength(3));
    await Promise.all([settle(setAt + 10 * minute), settle(setAt + 10 * minute)]);
    await feed.caughtUp();
    const now = setAt + 11 * minute;
    const told = await subjects(opened, now);
    expect(told).toEqual(Array(3).fill('Acme: Katalon Runtime Engine, all licenses are in use'));
    const query = { from: setAt - day, to: now, filter: { action: 'alert.raised' }, limit: 50 };
    const { items: events } = await listEvents(table, organizationId, query);
    expect(events).toMatchObject([{ details: { kind: 'use', used: 1, quota: 1 } }]);
  });
  it('whose cause has ended is not mailed any more; after new terms the former ones raise nothing', async () => {
    const opened = await open();
    const { pool, set, all } = opened;
    await set({ quota: 1, leaseSeconds: 86_400 });
    await activateFloating(table, pool, { sessionId: 's', userId: 'usr_u', machineId: 'm' });
    const setAt = Date.now();
    await setAlert(table, pool, { usePercent: 100, useMinutes: 1, waitMinutes: null }, setAt);
    await feed.caughtUp();
    await settle(setAt + 2 * minute);
    await settleUntil(setAt + 4 * minute, async () => expect(await all()).toHaveLength(3));
    await set({ quota: 10, leaseSeconds: 86_400 });
    await settle(setAt + 6 * minute);
    expect(await subjects(opened, setAt + 7 * minute)).toEqual([]);
    await setAlert(table, pool, { usePercent: null, useMinutes: 1, waitMinutes: null }, Date.now());
    await set({ quota: 1, leaseSeconds: 86_400 });
    for (const minutes of [8, 10, 12]) await settle(setAt + minutes * minute);
    await feed.caughtUp();
    expect(await all()).toHaveLength(3);
  });
  it('can be tested, also before anything is set', async () => {
    const opened = await open();
    await testAlert(table, opened.pool, Date.now());
    await opened.until((mails) => expect(mails).toHaveLength(3));
    expect(await subjects(opened, Date.now())).toEqual(
      Array(3).fill('Acme: Katalon Runtime Engine, this is a test alert'),
    );
  });
});

describe('a recovery', () => {
  const began = async () => {
    const opened = await open();
    const { organizationId, at } = opened;
    const { items: members } = await listMembers(table, organizationId, { limit: 200 });
    const member = members.find(({ email }) => email === at('second')) as Member;
    const vendor = asActor(table, 'vendor#sub');
    const started = await startRecovery(vendor, { organizationId, userId: member.userId }, Date.now());
    if (started.outcome !== 'started') throw new Error(started.outcome);
    await opened.until((mails) => expect(mails).toHaveLength(members.length));
    const send = async (now = Date.now()) => {
      const { send, letters } = posting();
      for (const mail of await opened.all()) await sendMail(table, mailJobOf(mail), { send, now });
      return letters;
    };
    return { ...opened, members, member, recovery: started.recovery, send };
  };

  it('is told to every member, the one concerned among them, once: whose it is, from when, and how to stop it', async () => {
    const { organizationId, members, member, recovery, send, all } = await began();
    await consentToRecovery(table, recovery, members.find(({ role }) => role === 'user')?.userId as string, Date.now());
    await feed.caughtUp();
    expect(await all()).toHaveLength(members.length);
    const letters = await send();
    expect(letters.map(({ to }) => to).sort()).toEqual(members.map(({ email }) => email).sort());
    for (const { subject, text } of letters) {
      expect(subject).toContain('is to go over to another sign-in');
      expect(text).toContain(`(${member.email})`);
      expect(text).toContain('vendor');
      expect(text).toContain(`DELETE /v1/organizations/${organizationId}/recoveries/${recovery.id}\n`);
      expect(text).toContain(new Date(recovery.effectiveAt).getUTCFullYear().toString());
    }
  });
  it('that is over before its mail is sent is told no more, unless it was completed', async () => {
    const [cancelled, expired, completed] = [await began(), await began(), await began()];
    await cancelRecovery(table, cancelled.recovery, Date.now());
    expect(await cancelled.send()).toEqual([]);
    expect(await expired.send(expired.recovery.expiresAt)).toEqual([]);
    const { recovery, member, members } = completed;
    const person = { subject: `sub-${recovery.id}`, email: member.email };
    const done = await completeRecovery(table, recovery, person, recovery.effectiveAt);
    expect(done.outcome).toBe('member');
    const letters = await completed.send();
    expect(letters.map(({ to }) => to).sort()).toEqual(members.map(({ email }) => email).sort());
    for (const { subject } of letters) expect(subject).toContain('went over to another sign-in');
  });
  it('is not told to members who left meanwhile', async () => {
    const { organizationId, members, admin, send } = await began();
    await removeMember(table, { organizationId, userId: admin.userId, by: 'owner', now: Date.now() });
    expect(await send()).toHaveLength(members.length - 1);
  });
});

it('sending asks of DynamoDB what its function is granted, and nothing else', async () => {
  const end = Date.now() + 6 * day;
  for (const licenseType of ['floating', 'per-user'] as const) {
    const { pool, inviteSomeone, until, all } = await open(end, licenseType);
    await inviteSomeone();
    await writeNotice(table, { ...pool, kind: 'expired', step: 0, daysLeft: 0, expiresAt: end, noticedAt: end });
    await until((mails) => expect(mails).toHaveLength(4));
    const { send } = posting();
    for (const mail of await all())
      await withGrant(sendMailSpec, () => sendMail(table, mailJobOf(mail), { send, now: Date.now() }));
    expect(send).toHaveBeenCalledTimes(4);
  }
});

describe('however often it is told', () => {
  it('a change is the same mails: twice, at once, and after it was cut off between two of them', async () => {
    const { pool, all } = await open();
    const end = Date.now() + 7 * day;
    const notice = { ...pool, kind: 'expiring', step: 7, daysLeft: 7, expiresAt: end, noticedAt: Date.now() } as const;
    const mails = reactionsToRecord({ after: { ...keys.notice(pool, end, 7), ...notice } })?.mails();
    const plan = (by: Table, now = Date.now()) => planMails(by, mails!, now);
    let puts = 0;
    const send = (command: object) => {
      if (command instanceof PutCommand && ++puts > 1) throw new Error('died');
      return table.client.send(command as never);
    };
    const dying = { ...table, client: { send } } as unknown as Table;
    await expect(plan(dying)).rejects.toThrow('died');
    expect((await all()).length).toBeLessThan(3);
    await Promise.all([1, 2, 3].map(() => plan(table)));
    await plan(table, Date.now() + minute);
    expect(await all()).toHaveLength(3);
    // What was attempted stays so.
    for (const mail of await all()) await beginAttempt(table, keys.mail(mail), { attempts: 0, now: Date.now() });
    await plan(table);
    expect((await all()).map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
  });
  it('an order that comes many times at once is one attempt', async () => {
    const { inviteSomeone, until, all } = await open();
    await inviteSomeone();
    await until((mails) => expect(mails).toHaveLength(1));
    const order = mailJobOf((await all())[0]!);
    const { send } = posting();
    const sent = await Promise.all([1, 2, 3, 4].map(() => sendMail(table, order, { send, now: Date.now() })));
    expect(send).toHaveBeenCalledTimes(1);
    expect(sent.map(({ outcome }) => outcome).sort()).toEqual(['not-due', 'not-due', 'not-due', 'sent']);
  });
});

describe('what fails', () => {
  const invited = async () => {
    const opened = await open();
    await opened.inviteSomeone(Date.now() + 30 * day);
    await opened.until((mails) => expect(mails).toHaveLength(1));
    return { ...opened, one: async () => (await opened.all())[0]! };
  };
  const refusing = () => posting(() => Promise.reject(Object.assign(new Error('to a@b'), { name: 'MessageRejected' })));

  it('is tried again at its time, and says why by a word that has no address', async () => {
    const { one } = await invited();
    const failed = await sendMail(table, mailJobOf(await one()), { send: refusing().send, now: Date.now() });
    expect(failed).toEqual({ outcome: 'failed', error: 'MessageRejected' });
    const mail = await one();
    const { nextAttemptAt } = mail;
    expect(mail).toMatchObject({ status: 'pending', attempts: 1, lastAnswer: { error: 'MessageRejected' } });
    await settleUntil(nextAttemptAt, async () => expect(orders).toContainEqual(mailJobOf(await one())));
    const sent = await sendMail(table, mailJobOf(await one()), { send: posting().send, now: nextAttemptAt });
    expect(sent).toEqual({ outcome: 'sent' });
  });
  it('is not that its beginning was answered only to the SDK’s second try: the mail is sent', async () => {
    const { one } = await invited();
    for (let attempts = 0; attempts < maxAttempts - 1; attempts++)
      await beginAttempt(table, keys.mail(await one()), { attempts, now: Date.now() });
    const { send } = posting();
    const sent = await sendMail(losingAnswers(feed.database), mailJobOf(await one()), { send, now: Date.now() });
    expect(sent).toEqual({ outcome: 'sent' });
    expect(await one()).toMatchObject({ status: 'sent', attempts: maxAttempts });
  });
  it('a sender that dies after it handed the mail over sends it again, by the same id: at least once', async () => {
    const { one } = await invited();
    const dying = { ...table, client: table.client };
    const { send } = posting(async () => {
      dying.name = 'gone';
      return 'ses-1';
    });
    await expect(sendMail(dying, mailJobOf(await one()), { send, now: Date.now() })).rejects.toThrow();
    const { nextAttemptAt } = await one();
    await settleUntil(nextAttemptAt, async () => expect(orders).toContainEqual(mailJobOf(await one())));
    await sendMail(table, mailJobOf(await one()), { send, now: nextAttemptAt });
    expect(new Set(send.mock.calls.map(([id]) => id)).size).toBe(1);
    expect(send).toHaveBeenCalledTimes(2);
    expect(await one()).toMatchObject({ status: 'sent', attempts: 2 });
  });
  it('ten times is parked, and kept for 30 days', async () => {
    const { one, all } = await invited();
    let now = Date.now();
    for (let tries = 1; tries <= maxAttempts; tries++) {
      const mail = await one();
      now = mail.nextAttemptAt;
      const { outcome } = await sendMail(table, mailJobOf(mail), { send: refusing().send, now });
      expect(outcome).toBe(tries < maxAttempts ? 'failed' : 'parked');
    }
    expect(await one()).toMatchObject({ status: 'parked', settledAt: now });
    await feed.caughtUp();
    await settle(now + 30 * day - 1);
    expect(await all()).toHaveLength(1);
    await settleUntil(now + 30 * day, async () => expect(await all()).toEqual([]));
  });
});
