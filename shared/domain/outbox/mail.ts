import type { Role } from '../../contracts/schemas/organization.ts';
import type { Recovery } from '../accounts/recovery.ts';
import { dayMs } from '../dates.ts';
import type { Figures, Subscription } from '../subscription.ts';
import type { NoticeStep } from './expiry-notice.ts';
import { type EmailContent, emailContentOf, nameInMail } from './mail-template.ts';
import type { Retried } from './retry-schedule.ts';

/** The subject of a mail. The service reads the facts when it sends the mail. Times are epoch ms. */
export type MailAbout =
  /** `nonce`: which of the successive invitations of the address. */
  | { kind: 'invitation'; invitationId: string; nonce: string }
  /** `userId`: the owner or admin who gets the mail. */
  | { kind: 'subscription-end'; product: string; expiresAt: number; step: NoticeStep; userId: string }
  /** `userId`: the member who gets the mail. */
  | { kind: 'recovery'; recoveryId: string; userId: string };

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
  owner: 'an owner: you would manage everything, owners among it',
  admin: 'an admin: you would manage licenses and members',
  'billing-manager': 'a billing manager: you would see the figures of its subscriptions',
  user: 'a user: you would use its licenses',
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
  const signIn = consoleUrl === undefined ? 'Sign in' : `Sign in at ${consoleUrl}`;
  return emailContentOf(`Invitation to ${name}`, [
    `${who} invites you to the organization “${name}” on Leasehold, as ${roleTexts[role]}.`,
    `${signIn} with the address that this mail was sent to, and accept with this token until ${formatTime(expiresAt)}:`,
    { copy: token },
    'By the API: POST /v1/invitations/{token}/accept. The token is good once, and for this address alone: do not pass it on.',
    'If you did not expect this, you need not do anything: without your consent you are a member of nothing.',
  ]);
};

const inDays = (days: number) => (days === 1 ? 'in one day' : `in ${days} days`);

/** Returns the mail that tells an owner or admin that a subscription ends soon, or has ended. */
export const subscriptionEndEmail = (
  organization: { name: string },
  subscription: Subscription,
  figures: Figures,
  now: number,
): EmailContent => {
  const { product, productName, licenseType, quota, machineQuota, expiresAt } = subscription;
  const [name, what] = [nameInMail(organization.name), nameInMail(productName)];
  const { inUse, available, registeredMachines } = figures;
  const ended = expiresAt <= now;
  const when = ended ? 'has ended' : `ends ${inDays(Math.ceil((expiresAt - now) / dayMs))}`;
  const named = productName === product ? product : `${what} (${product})`;
  return emailContentOf(`${name}: the subscription of ${what} ${when}`, [
    `The subscription of ${named}, held by the organization “${name}”, ${when}.`,
    [
      ['Ends', formatTime(expiresAt)],
      ['Licenses', `${quota}, ${available} available`],
      ...(licenseType === 'per-user' ? [['Licensed users', String(inUse.licensedUsers)] as const] : []),
      ['In use online', String(inUse.online)],
      ['Offline', String(inUse.offline)],
      ['Machines', `${registeredMachines} of ${machineQuota}`],
    ],
    ended
      ? 'Its licenses stopped: activations are refused, and what ran has ended or does so at its next heartbeat.'
      : 'At its end its licenses stop: activations are refused, and what runs ends at its next heartbeat.',
    'A renewal takes effect at once: ask your vendor.',
    `You get this because you are an owner or admin of “${name}”.`,
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
        `${done ? 'went' : 'is to go'} over to another sign-in with the same address. This is meant for somebody who can no longer sign in as before.`,
      [
        ['Role', role],
        ['Started', formatTime(startedAt)],
        done ? ['Completed', formatTime(completedAt)] : ['Without consent from', formatTime(effectiveAt)],
        ['Consent of a member', consentedBy === undefined ? 'not given' : 'given'],
        ...(done ? [] : [['Ends', formatTime(expiresAt)] as const]),
      ],
      ...(done
        ? ['If you did not expect this, tell an owner and your vendor at once.']
        : [
            'If you did not expect this, ask that person by another way than mail. If it was not their wish, an owner or admin, or the person itself, cancels it, signed in:',
            { copy: `DELETE ${path}` },
            'If it was, any other member may consent, and it can be completed at once:',
            { copy: `POST ${path}/consent` },
          ]),
      `You get this because you are a member of “${name}”.`,
    ],
  );
};
