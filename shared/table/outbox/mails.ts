import pMap from 'p-map';
import type { EverMember } from '../../domain/accounts/member.ts';
import type { Mail, MailAbout } from '../../domain/outbox/mail.ts';
import { firstAttempt } from '../../domain/outbox/retry-schedule.ts';
import { keys, ranges } from '../store/keys.ts';
import { put, readAll, type Table } from '../store/table.ts';
import { messageId } from './attempts.ts';

/** The mails that one change requests: one mail, or one to each member for whom `to` is true. */
export type MailOccasion = {
  organizationId: string;
  /** Epoch ms. */
  at: number;
} & ({ about: MailAbout } | { to: (member: EverMember) => boolean; about: (userId: string) => MailAbout });

/** Returns whether the end of a subscription concerns a member: an owner or admin. */
export const isTold = ({ role, removedAt }: EverMember): boolean =>
  (role === 'owner' || role === 'admin') && removedAt === undefined;

const aboutsOf = async (table: Table, occasion: MailOccasion): Promise<MailAbout[]> => {
  if (!('to' in occasion)) return [occasion.about];
  const members = await readAll(table, ranges.members(occasion.organizationId));
  return members.filter(occasion.to).map(({ userId }) => occasion.about(userId));
};

const nameOf = (about: MailAbout): string => {
  switch (about.kind) {
    case 'invitation':
      return `${about.kind}\n${about.invitationId}\n${about.nonce}`;
    case 'alert':
      return `${about.kind}\n${about.product}\n${about.alertKind}\n${about.at}\n${about.userId}`;
    case 'new-owner':
      return `${about.kind}\n${about.userId}`;
    case 'subscription-end':
      return `${about.kind}\n${about.product}\n${about.expiresAt}\n${about.step}\n${about.userId}`;
    case 'terms':
      return `${about.kind}\n${about.product}\n${about.settingId}\n${about.userId}`;
    case 'recovery':
      return `${about.kind}\n${about.recoveryId}\n${about.userId}`;
  }
};

/**
 * Makes the mails of an occasion. A repetition makes no second mail.
 *
 * @param now the time of the change, epoch ms
 */
export const planMails = async (table: Table, occasion: MailOccasion, now: number): Promise<void> => {
  const { organizationId, at } = occasion;
  await pMap(
    await aboutsOf(table, occasion),
    (about) => {
      const id = messageId('mail', at, `mail\n${organizationId}\n${nameOf(about)}`);
      const mail: Mail = { id, organizationId, about, ...firstAttempt(now) };
      return put(table, { Item: { ...keys.mail(mail), ...mail }, ConditionExpression: 'attribute_not_exists(pk)' });
    },
    { concurrency: 25 },
  );
};
