import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type Key, keys } from '../../shared/table/store/keys.ts';

const pool = { organizationId: 'org', product: 'KRE' };
const started = { sessionId: 's', fence: 1, startedAt: 5 };
const webhook = { organizationId: 'org', id: 'w' };

/** Each key of the table, at least once. */
const samples: Record<keyof typeof keys, Key[]> = {
  organization: [keys.organization('org')],
  listedOrganization: [keys.listedOrganization('org')],
  creation: [keys.creation('n')],
  member: [keys.member('org', 'u')],
  appointment: [keys.appointment('org', 'a')],
  owners: [keys.owners('org')],
  invitation: [keys.invitation('org', 'i')],
  alert: [keys.alert(pool)],
  pendingInvitation: [keys.pendingInvitation('a@example.com', 'org')],
  recovery: [keys.recovery('org', 'u')],
  soldSubscription: [keys.soldSubscription(pool)],
  product: [keys.product('KRE')],
  survey: [keys.survey()],
  subscription: [keys.subscription(pool)],
  limitWindow: [keys.limitWindow('org', { limit: 'l', of: '', startsAt: 5 })],
  listOfApiKeys: [keys.listOfApiKeys('org', 'u')],
  listOfWebhooks: [keys.listOfWebhooks('org')],
  apiKey: [keys.apiKey('org', 'k')],
  membership: [keys.membership('u', 'org')],
  identity: [keys.identity('sub')],
  mailbox: [keys.mailbox('a@example.com')],
  seat: [keys.seat(pool, 1), keys.seat(pool, 1025, 2), keys.seat({ ...pool, numbered: 'slots' }, 1)],
  blocks: [keys.blocks(pool)],
  terms: [keys.terms(pool, 2)],
  census: [keys.census(pool, 1)],
  license: [keys.license(pool, 'u')],
  machine: [keys.machine(pool, 'm')],
  offlineLicense: [keys.offlineLicense(pool, 'o')],
  ticket: [keys.ticket(pool, 's')],
  entry: [keys.entry(pool, { arrivedAt: 0, sessionId: 's' })],
  session: [keys.session(pool, 's')],
  webhook: [keys.webhook(webhook)],
  delivery: [keys.delivery({ organizationId: 'org', webhookId: 'w', id: 'd' })],
  mail: [keys.mail({ organizationId: 'org', id: 'm' })],
  past: [keys.past(0, 5, 'what')],
  notice: [keys.notice(pool, 5, 7)],
  auditEvent: [keys.auditEvent('org', 5, 'e')],
  refusal: [keys.refusal(pool, 's', 'license-quota')],
  refused: [keys.refused(pool, 5, 's', 'license-quota')],
  formerRunningSession: [keys.formerRunningSession(pool, started)],
  endedSession: [keys.endedSession(pool, started, 2)],
  formerEndedSession: [
    keys.formerEndedSession(pool, started),
    keys.formerEndedSession(pool, started, { userId: 'u' }),
    keys.formerEndedSession(pool, started, { machineId: 'm' }),
  ],
  formerCarriedSession: [keys.formerCarriedSession(pool, started, 5)],
  usage: [keys.usage(pool, 'day', 5), keys.usage(pool, 'month', 5)],
  quotaSet: [keys.quotaSet(pool, 5)],
  used: [keys.used(pool, 5, 1, 0)],
  export: [keys.export(pool, 5, 'x')],
  tally: [keys.tally('org', 5, 'what')],
  due: [keys.due(0, 5, 'what')],
  secret: [keys.secret('names', 1)],
  formerSecret: [keys.formerSecret()],
};

/** The rows of the table of keys: `<…>` and numbers stand for any value. */
const rows = [
  ...readFileSync('docs/access-patterns.md', 'utf8').matchAll(/^\| ([^|]+) \| (`[A-Z][^|]*`) \| (`[^|]+`) \|$/gm),
].map(([, item = '', pk = '', sk = '']) => ({ item, pk: formOf(pk), sk: formOf(sk) }));

function formOf(cell: string): RegExp {
  const forms = [...cell.matchAll(/`([^`]+)`/g)].map(([, form = '']) => form.replaceAll(/<[^>]+>|\b0+1\b/g, '[^#]*'));
  return new RegExp(`^(${forms.join('|')})$`);
}

const rowOf = ({ pk, sk }: Key) => rows.find((row) => row.pk.test(pk) && row.sk.test(sk));

it('docs/access-patterns.md has each key of the table, and no other', () => {
  const all = Object.values(samples).flat();
  expect(all.filter((key) => !rowOf(key)).map(({ pk, sk }) => `${pk} | ${sk}`)).toEqual([]);
  const found = new Set(all.map(rowOf));
  expect(rows.filter((row) => !found.has(row)).map(({ item }) => item)).toEqual([]);
});
