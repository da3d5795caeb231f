import type { AuditAction, AuditEvent } from '../../../client/index.ts';
import { pluralize } from '../../components/pluralize.ts';
import { exactTime } from '../../components/time/format-time.ts';

/** The words of one event. */
interface Words {
  /** The target: a member by name, anything else by its ID. */
  target: string;
  /** The product, with a space after it; empty without one. */
  product: string;
  /** Returns a detail as text; empty if absent. */
  detail: (name: string) => string;
  /** Returns a detail with its noun: `2 rows`. */
  count: (name: string, noun: string) => string;
  /** Returns the member whose ID a detail is. */
  member: (name: string) => string;
  /** Returns ` of <member>` for a detail; empty if the member is the actor. */
  of: (name: string) => string;
  /** The changed values: `quota from 10 to 20`. */
  changes: string;
}

const role = (text: string) => text.replace('-', ' ');
const reason = ({ detail }: Words) => detail('reason').replaceAll('-', ' ');

/** The deed of the actor of an event, by action. A missing action is a type error. */
const predicates: Record<AuditAction, (words: Words) => string> = {
  'organization.created': ({ detail }) => `created the organization ${detail('name')}`,
  'organization.limits-set': ({ changes }) => `changed the limits: ${changes}`,
  'member.added': ({ target, detail }) => `made ${target} a member, as ${role(detail('role'))}`,
  'member.role-changed': ({ target, changes }) => `changed the role of ${target}: ${changes}`,
  'member.removed': ({ target }) => `removed the member ${target}`,
  'member.recovery-started': ({ target }) => `started the recovery of ${target}`,
  'member.recovery-consented': ({ target }) => `consented to the recovery of ${target}`,
  'member.recovery-cancelled': ({ target }) => `cancelled the recovery of ${target}`,
  'member.recovery-completed': ({ target }) => `completed the recovery of ${target}`,
  'invitation.created': ({ detail }) => `invited ${detail('email')} as ${role(detail('role'))}`,
  'invitation.accepted': ({ detail }) => `accepted the invitation of ${detail('email')} as ${role(detail('role'))}`,
  'invitation.revoked': ({ detail }) => `revoked the invitation of ${detail('email')}`,
  'invitation.expired': ({ detail }) => `closed the expired invitation of ${detail('email')}`,
  'api-key.created': ({ detail, of }) => `created the API key “${detail('name')}”${of('userId')}`,
  'api-key.changed': ({ member, changes }) => `changed an API key of ${member('userId')}: ${changes}`,
  'api-key.revoked': ({ detail, of }) => `revoked the API key “${detail('name')}”${of('userId')}`,
  'api-key.expired': ({ detail, member }) => `closed the expired API key “${detail('name')}” of ${member('userId')}`,
  'subscription.created': ({ target, count }) => `sold ${count('quota', `${target} license`)}`,
  'subscription.changed': ({ target, changes }) => `changed the subscription of ${target}: ${changes}`,
  'subscription.expiring': ({ target, count }) =>
    `warned that the subscription of ${target} ends in ${count('daysLeft', 'day')}`,
  'subscription.expired': ({ target }) => `ended the subscription of ${target}: expired`,
  'alert.set': ({ target, changes }) => `set the alerts of ${target}: ${changes}`,
  'alert.raised': ({ target, detail, count }) =>
    detail('kind') === 'test'
      ? `sent a test alert of ${target}`
      : `raised an alert: ${detail('used')} of ${detail('quota')} ${target} licenses in use, ${count('waitedMinutes', 'minute')} of wait`,
  'license.granted': ({ target, product }) => `gave ${target} a ${product}license`,
  'license.transferred': ({ target, product, member }) =>
    `transferred the ${product}license of ${member('from')} to ${target}`,
  'license.removed': ({ target, product }) => `removed ${target}’s ${product}license`,
  'license.refused': ({ detail, product, member }) =>
    `refused ${member('userId')} a ${product}license on ${detail('machineId')}: the ${detail('reason').replace('-', ' ')} is used up`,
  'activation.started': ({ target, product, detail, of }) =>
    `started the ${product}session ${target}${of('userId')} on ${detail('machineId')}`,
  'activation.transferred': ({ target, product, changes }) => `moved the ${product}session ${target}: ${changes}`,
  'activation.ended': (words) =>
    `ended the ${words.product}session ${words.target}${words.of('userId')} on ${words.detail('machineId')}: ${reason(words)}`,
  'offline-license.issued': ({ product, detail }) => `issued a ${product}offline license for ${detail('machineId')}`,
  'offline-license.downloaded': ({ product, detail }) =>
    `downloaded the ${product}offline license of ${detail('machineId')}`,
  'offline-license.expired': ({ product, detail }) =>
    `closed the expired ${product}offline license of ${detail('machineId')}`,
  'offline-license.voided': ({ product, detail }) => `voided the ${product}offline license of ${detail('machineId')}`,
  'machine.registered': ({ target, product }) => `registered the ${product}machine ${target}`,
  'machine.removed': (words) => `deactivated the ${words.product}machine ${words.target}: ${reason(words)}`,
  'webhook.created': ({ detail }) => `created a webhook to ${detail('host')}`,
  'webhook.confirmed': ({ detail }) => `confirmed the webhook to ${detail('host')}`,
  'webhook.secret-rotated': ({ detail }) => `gave the webhook to ${detail('host')} a new secret`,
  'webhook.removed': ({ detail }) => `removed the webhook to ${detail('host')}`,
  'report.exported': ({ target, product, count }) => `downloaded ${count('rows', 'row')} of ${product}${target}`,
  'authentication.failed': (words) =>
    `refused the API key ${words.target} ${words.count('count', 'time')}: ${reason(words)}`,
  'product.added': ({ target, detail }) => `put the product ${target} (${detail('name')}) into the catalogue`,
  'product.changed': ({ target, changes }) => `changed the product ${target}: ${changes}`,
  'product.removed': ({ target }) => `took the product ${target} out of the catalogue`,
  'authorization.refused': ({ detail, count }) => `was refused ${count('count', 'time')}: ${detail('operation')}`,
};

const actions = Object.keys(predicates) as AuditAction[];
const isOfVendor = (action: AuditAction) => action.startsWith('product.');

/** The actions of an organization's audit events. */
export const auditActions = actions.filter((action) => !isOfVendor(action));

const nouns: Record<string, string> = {
  organization: 'Organization',
  member: 'Members',
  invitation: 'Invitations',
  'api-key': 'API keys',
  subscription: 'Subscriptions',
  alert: 'Alerts',
  license: 'Licenses',
  activation: 'Sessions',
  'offline-license': 'Offline licenses',
  machine: 'Machines',
  webhook: 'Webhooks',
  report: 'Reports',
  authentication: 'Failed API keys',
  authorization: 'Refused operations',
};

/** The kinds of events, each with all its actions: `license.*`. */
export const auditKinds = [...new Set(auditActions.map((action) => action.slice(0, action.indexOf('.'))))].map(
  (noun) => ({ value: `${noun}.*` as const, label: nouns[noun] ?? noun }),
);

/** The words for a part of an action's name, where it is not the word itself. */
const words: Record<string, string> = { 'api-key': 'API key', activation: 'session' };

/** Returns an action in words: `License granted`. */
export const actionText = (action: string): string => {
  const [noun = '', deed = ''] = action.split('.');
  const text = `${words[noun] ?? noun} ${deed}`.replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** Returns whether a value of the details is a time. */
export const isTime = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);

/** Returns a value of the details as text. */
export const valueText = (value: unknown): string => {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (isTime(value)) return exactTime(Date.parse(value));
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

type Values = Record<string, unknown>;

const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const valuesOf = (value: unknown): Values => (isValues(value) ? value : {});

/** Returns the changed values, also those within a value: `offline max days from 30 to 60`. */
const changesOf = (before: Values, after: Values, path = ''): string[] =>
  Object.entries(after).flatMap(([name, value]) => {
    const was = before[name];
    const text = path + nameText(name);
    if (isValues(value)) return changesOf(isValues(was) ? was : {}, value, `${text} `);
    return valueText(was) === valueText(value) ? [] : [`${text} from ${valueText(was)} to ${valueText(value)}`];
  });

/** Returns the name of a detail in words: `machineQuota` is `machine quota`. */
export const nameText = (name: string): string =>
  name === 'expiresAt' ? 'expiry' : name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const actorText = ({ type, id, userId = id, email }: AuditEvent['actor'], personOf: (userId: string) => string) => {
  if (type === 'vendor') return 'The vendor';
  if (type === 'service') return 'The service';
  const known = personOf(userId);
  const person = known === userId ? (email ?? userId) : known;
  return type === 'api-key' ? `${person}, by an API key,` : person;
};

/**
 * Returns an event as a sentence: `Olga Owner removed Bob Builder’s KSE license`.
 *
 * @param personOf returns the name of a member; of a person who is none any more, the ID
 */
export const auditSentence = (event: AuditEvent, personOf: (userId: string) => string): string => {
  const { action, actor, target, product, details } = event;
  const detail = (name: string) => (details[name] === undefined ? '' : valueText(details[name]));
  const isPerson = target.type === 'member' || target.type === 'licensed-user';
  const email = typeof details.email === 'string' ? details.email : target.id;
  const known = personOf(target.id);
  const predicate = predicates[action]({
    target: !isPerson ? target.id : known === target.id ? email : known,
    product: product === undefined ? '' : `${product} `,
    detail,
    count: (name, noun) => pluralize(Number(details[name]), noun),
    member: (name) => personOf(detail(name)),
    of: (name) => (details[name] === (actor.userId ?? actor.id) ? '' : ` of ${personOf(detail(name))}`),
    changes: changesOf(valuesOf(details.before), valuesOf(details.after)).join(', '),
  });
  return `${actorText(actor, personOf)} ${predicate}`;
};
