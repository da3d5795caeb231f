import type { Role } from '../../contracts/schemas/organization.ts';
import type { Recovery } from '../accounts/recovery.ts';
import { dayMs } from '../dates.ts';
import type { Figures, Subscription } from '../subscription.ts';
import type { AlertKind, RaisedAlert } from './alert.ts';
import type { NoticeStep } from './expiry-notice.ts';
import { type EmailContent, emailContentOf, nameInMail, type Part } from './mail-template.ts';
import type { Retried } from './retry-schedule.ts';

/** The subject of a mail. The service reads the facts when it sends the mail. Times are epoch ms. */
export type MailAbout =
  /** `nonce`: which of the successive invitations of the address. */
  | { kind: 'invitation'; invitationId: string; nonce: string }
  /** `userId`: the owner or admin who gets the mail. */
  | { kind: 'alert'; product: string; alertKind: AlertKind; at: number; userId: string }
  /** `userId`: the first owner of a new organization. */
  | { kind: 'new-owner'; userId: string }
  /** `userId`: the owner or admin who gets the mail. */
  | { kind: 'subscription-end'; product: string; expiresAt: number; step: NoticeStep; userId: string }
  | ({ kind: 'terms'; userId: string } & SetTerms)
  /** `userId`: the member who gets the mail. */
  | { kind: 'recovery'; recoveryId: string; userId: string };

/** A sale, or a change of a subscription's end or quota: the new values of those that changed. */
export interface SetTerms {
  product: string;
  /** Identifies the write of the terms. */
  settingId: string;
  sold: boolean;
  expiresAt?: number;
  quota?: number;
}

/**
 * A mail to send. `dropped`: its subject was out of date, so nothing was sent; `parked`: all attempts failed. The item has
 * no address, no text and no token: these are read when the mail is sent.
 */
export interface Mail extends Retried<'sent' | 'dropped' | 'parked'> {
  id: string;
  organizationId: string;
  about: MailAbout;
  /** The result of the last attempt: the ID that SES gave the message, or the error. */
  lastAnswer?: ({ messageId: string } | { error: string }) & { at: number };
}

const format = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});
/** Returns a time for people to read: `31 January 2027 at 09:30 UTC`. */
const formatTime = (at: number): string => `${format.format(at)} UTC`;

const roleTexts: Readonly<Record<Role, string>> = {
  owner: 'an owner: you can manage everything, including other owners',
  admin: 'an admin: you can manage licenses and members',
  'billing-manager': 'a billing manager: you can see the figures of its subscriptions',
  user: 'a user: you can use its licenses',
};

/** Returns the mail that invites a person to an organization and says how to accept. Times are epoch ms. */
export const invitationEmail = ({
  organization,
  inviter,
  role,
  expiresAt,
  token,
  consoleUrl,
}: {
  organization: { name: string };
  inviter: { name: string; email: string } | undefined;
  role: Role;
  expiresAt: number;
  token: string;
  consoleUrl: string | undefined;
}): EmailContent => {
  const name = nameInMail(organization.name);
  const who = inviter ? `${nameInMail(inviter.name)} (${inviter.email})` : 'Somebody';
  const until = formatTime(expiresAt);
  const accept: Part[] =
    consoleUrl === undefined
      ? [
          `Sign in with the address that this mail was sent to, and accept the invitation with this token before ${until}:`,
          { copy: token },
          'With the API: POST /v1/invitations/{token}/accept. The token works once, and only for this address. Do not pass it on.',
        ]
      : [
          `To accept it before ${until}, open this link and sign in with the address that this mail was sent to:`,
          { link: new URL(`/invitations/${token}`, consoleUrl).href },
          'The link works once, and only for this address. Do not pass it on.',
        ];
  return emailContentOf(`Invitation to ${name}`, [
    `${who} invites you to the organization “${name}” on Leasehold, as ${roleTexts[role]}.`,
    ...accept,
    'If you did not expect this mail, ignore it: you become a member only if you accept.',
  ]);
};

/** Returns the vendor by its contact, if the service knows one. */
const yourVendor = (contact: string | undefined) =>
  contact === undefined ? 'your vendor' : `your vendor (${contact})`;

/** The address of the License Management page, and the vendor's contact, if the service knows them. */
export interface MailLinks {
  consoleUrl?: string | undefined;
  contact?: string | undefined;
}

/** Returns the mail that tells the first owner of a new organization to sign in. */
export const newOwnerEmail = (
  organization: { id: string; name: string },
  { consoleUrl, contact }: MailLinks,
): EmailContent => {
  const name = nameInMail(organization.name);
  const signIn = 'Sign in with the address that this mail was sent to';
  return emailContentOf(`Invitation to ${name}`, [
    `Your vendor created the organization “${name}” on Leasehold, with you as ${roleTexts.owner}.`,
    ...(consoleUrl === undefined
      ? [`${signIn}.`]
      : [`${signIn}:`, { link: new URL(`/organizations/${organization.id}/products`, consoleUrl).href }]),
    'The first sign-in with this address becomes the owner. If you did not expect this mail, ' +
      `tell ${yourVendor(contact)}.`,
  ]);
};

const inDays = (days: number) => (days === 1 ? 'in one day' : `in ${days} days`);

/** Returns the mail that tells an owner or admin that a subscription ends soon, or has ended. */
export const subscriptionEndEmail = (
  organization: { name: string },
  subscription: Subscription,
  figures: Figures,
  now: number,
  contact?: string,
): EmailContent => {
  const { product, productName, licenseType, quota, machineQuota, expiresAt } = subscription;
  const [name, what] = [nameInMail(organization.name), nameInMail(productName)];
  const { inUse, available, registeredMachines } = figures;
  const ended = expiresAt <= now;
  const when = ended ? 'has ended' : `ends ${inDays(Math.ceil((expiresAt - now) / dayMs))}`;
  const named = productName === product ? product : `${what} (${product})`;
  const kind = subscription.trial ? 'trial' : 'subscription';
  return emailContentOf(`${name}: the ${kind} of ${what} ${when}`, [
    `The ${kind} of ${named}, held by the organization “${name}”, ${when}.`,
    [
      ['Ends', formatTime(expiresAt)],
      ['Licenses', `${quota}, ${available} available`],
      ...(licenseType === 'per-user' ? [['Licensed users', String(inUse.licensedUsers)] as const] : []),
      ['In use online', String(inUse.online)],
      ['Offline', String(inUse.offline)],
      ['Machines', `${registeredMachines} of ${machineQuota}`],
    ],
    ended
      ? 'Its licenses stopped: the service refuses new activations, and each running session ends at its next heartbeat.'
      : 'At its end its licenses stop: the service refuses new activations, and each running session ends at its next heartbeat.',
    `To renew it, ask ${yourVendor(contact)}. A renewal takes effect at once.`,
    `You get this mail because you are an owner or admin of “${name}”.`,
  ]);
};

const linkTo = (path: string, { consoleUrl }: MailLinks): Part[] =>
  consoleUrl === undefined ? [] : [{ link: new URL(path, consoleUrl).href }];

/** Returns the mail that tells an owner or admin of a sale, or of a new end or quota. */
export const termsEmail = (
  organization: { id: string; name: string },
  subscription: Subscription,
  { sold, expiresAt, quota }: Omit<SetTerms, 'product' | 'settingId'>,
  links: MailLinks,
): EmailContent => {
  const [name, what] = [nameInMail(organization.name), nameInMail(subscription.productName)];
  const kind = subscription.trial ? 'trial' : 'subscription';
  const changes = [
    ...(expiresAt === undefined ? [] : [`ends on ${formatTime(expiresAt)}`]),
    ...(quota === undefined ? [] : [`has ${quota} ${quota === 1 ? 'license' : 'licenses'}`]),
  ];
  const news = sold ? `has a ${kind} of ${what}` : `the ${kind} of ${what} now ${changes.join(' and ')}`;
  return emailContentOf(`${name}${sold ? ' ' : ': '}${news}`, [
    sold ? `The organization “${name}” ${news}.` : `For the organization “${name}”, ${news}.`,
    [
      ['Product', subscription.product],
      ['Licenses', String(subscription.quota)],
      ['Machines', String(subscription.machineQuota)],
      ['Ends', formatTime(subscription.expiresAt)],
    ],
    ...(subscription.trial ? ['A trial ends by itself: at its end its licenses stop.'] : []),
    ...linkTo(`/organizations/${organization.id}/products/${subscription.product}`, links),
    `Questions? Ask ${yourVendor(links.contact)}.`,
    `You get this mail because you are an owner or admin of “${name}”.`,
  ]);
};

/** Returns the mail that tells an owner or admin of an alert. `page`: the address of the product on the page. */
export const alertEmail = (
  organization: { name: string },
  { product, productName }: Pick<Subscription, 'product' | 'productName'>,
  alert: { kind: AlertKind; at: number } & Partial<RaisedAlert>,
  page: string | undefined,
): EmailContent => {
  const [name, what] = [nameInMail(organization.name), nameInMail(productName)];
  const texts = {
    use:
      alert.used !== undefined && alert.used >= (alert.quota ?? 0)
        ? 'all licenses are in use'
        : 'nearly all licenses are in use',
    wait: 'somebody waits long for a license',
    test: 'this is a test alert',
  };
  return emailContentOf(`${name}: ${what}, ${texts[alert.kind]}`, [
    `${what} (${product}) of the organization “${name}”: ${texts[alert.kind]}.`,
    [
      ['Time', formatTime(alert.at)],
      ...(alert.used === undefined
        ? []
        : ([
            ['In use', `${alert.used} of ${alert.quota}`],
            ['Longest wait', `${alert.waitedMinutes} minutes`],
          ] as const)),
    ],
    ...(page === undefined ? [] : [{ link: page }]),
    `You get this mail because you are an owner or admin of “${name}”. Change the alerts on the page of the product.`,
  ]);
};

/** Returns the mail that tells a member that the vendor started a recovery, and how to cancel it. */
export const recoveryEmail = (
  organization: { id: string; name: string },
  { id, email, role, startedAt, effectiveAt, expiresAt, consentedBy, completedAt }: Recovery,
  member: { name: string },
): EmailContent => {
  const name = nameInMail(organization.name);
  const path = `/v1/organizations/${organization.id}/recoveries/${id}`;
  const done = completedAt !== undefined;
  return emailContentOf(
    `${name}: the membership of ${nameInMail(email)} ${done ? 'went' : 'is to go'} over to another sign-in`,
    [
      `The vendor of Leasehold started a recovery: the membership of ${nameInMail(member.name)} (${email}) in the organization “${name}” ` +
        `${done ? 'went' : 'is to go'} over to another sign-in with the same address. A recovery is for a member who can no longer sign in as before.`,
      [
        ['Role', role],
        ['Started', formatTime(startedAt)],
        done ? ['Completed', formatTime(completedAt)] : ['Possible without consent from', formatTime(effectiveAt)],
        ['Consent of another member', consentedBy === undefined ? 'not given' : 'given'],
        ...(done ? [] : [['Ends', formatTime(expiresAt)] as const]),
      ],
      ...(done
        ? ['If you did not expect this mail, tell an owner and your vendor at once.']
        : [
            'Ask that member in person or by phone, not by mail. If the member did not ask for the recovery, an owner, an admin or that member should sign in and cancel it:',
            { copy: `DELETE ${path}` },
            'If the member did ask for it, any other member may consent. The recovery can then be completed at once:',
            { copy: `POST ${path}/consent` },
          ]),
      `You get this mail because you are a member of “${name}”.`,
    ],
  );
};
