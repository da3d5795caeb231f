import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';
import type { Invitation } from '../../domain/accounts/invitation.ts';
import type { EverMember } from '../../domain/accounts/member.ts';
import type { Recovery } from '../../domain/accounts/recovery.ts';
import type { Notice } from '../../domain/outbox/expiry-notice.ts';
import type { Mail, MailAbout } from '../../domain/outbox/mail.ts';
import { firstAttempt, mayBeForgotten } from '../../domain/outbox/retry-schedule.ts';
import { inBatches } from '../store/batches.ts';
import type { Change } from '../store/change.ts';
import { keys, kindOfItem, ranges } from '../store/keys.ts';
import { base36 } from '../store/secrets.ts';
import { put, readAll, type Table } from '../store/table.ts';

/** What one mail, or several, are to tell because of one change. */
interface Occasion {
  organizationId: string;
  /** Epoch ms. */
  at: number;
  abouts: MailAbout[];
}

/** Whoever the end of a subscription concerns. */
export const isTold = ({ role, removedAt }: EverMember): boolean =>
  (role === 'owner' || role === 'admin') && removedAt === undefined;

const occasionOf = async (table: Table, { before, after }: Change): Promise<Occasion | undefined> => {
  if (!after) return undefined;
  if (kindOfItem(after) === 'INVITATION') {
    const { organizationId, id: invitationId, nonce, invitedAt } = after as unknown as Invitation;
    if (before?.nonce === nonce) return undefined;
    return { organizationId, at: invitedAt, abouts: [{ kind: 'invitation', invitationId, nonce }] };
  }
  if (kindOfItem(after) === 'NOTICE' && !before) {
    const { organizationId, product, expiresAt, step, noticedAt } = after as unknown as Notice;
    const members = (await readAll(table, ranges.members(organizationId))) as unknown as EverMember[];
    const abouts = members
      .filter(isTold)
      .map(({ userId }): MailAbout => ({ kind: 'subscription-end', product, expiresAt, step, userId }));
    return { organizationId, at: noticedAt, abouts };
  }
  if (kindOfItem(after) === 'RECOVERY') {
    const { organizationId, id: recoveryId, startedAt } = after as unknown as Recovery;
    if (before?.id === recoveryId) return undefined;
    const members = (await readAll(table, ranges.members(organizationId))) as unknown as EverMember[];
    const abouts = members
      .filter(({ removedAt }) => removedAt === undefined)
      .map(({ userId }): MailAbout => ({ kind: 'recovery', recoveryId, userId }));
    return { organizationId, at: startedAt, abouts };
  }
  return undefined;
};

const nameOf = (about: MailAbout): string => {
  switch (about.kind) {
    case 'invitation':
      return `${about.kind}\n${about.invitationId}\n${about.nonce}`;
    case 'subscription-end':
      return `${about.kind}\n${about.product}\n${about.expiresAt}\n${about.step}\n${about.userId}`;
    case 'recovery':
      return `${about.kind}\n${about.recoveryId}\n${about.userId}`;
  }
};

/** Sorts by the time of what it is about, and is the same however often that is told. */
const mailId = (organizationId: string, at: number, about: MailAbout): string => {
  const own = base36(
    createHash('sha256')
      .update(`mail\n${organizationId}\n${nameOf(about)}`)
      .digest(),
  );
  return `mail_${encodeTime(Math.max(0, at), 10).toLowerCase()}${own.slice(0, 16)}`;
};

/**
 * Makes the mails that a change asks for: one to the invited person, one to each owner and admin for a notice of their
 * subscription's end, one to each member for a new recovery. A repetition makes no second mail, nor does a change so old that
 * its mails may have been forgotten.
 */
export const planMails = async (table: Table, change: Change, now = Date.now()): Promise<void> => {
  const occasion = mayBeForgotten(change, now) ? undefined : await occasionOf(table, change);
  if (!occasion) return;
  const { organizationId, at, abouts } = occasion;
  await inBatches(25, abouts, (about) => {
    const mail: Mail = { id: mailId(organizationId, at, about), organizationId, about, ...firstAttempt(change.at) };
    return put(table, { Item: { ...keys.mail(mail), ...mail }, ConditionExpression: 'attribute_not_exists(pk)' });
  });
};
