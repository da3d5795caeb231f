import { isOpenInvitation } from '../domain/accounts/invitation.ts';
import type { Organization } from '../domain/accounts/organization.ts';
import { raisedAlert } from '../domain/outbox/alert.ts';
import {
  alertEmail,
  invitationEmail,
  type Mail,
  type MailAbout,
  type MailLinks,
  newOwnerEmail,
  recoveryEmail,
  subscriptionEndEmail,
  termsEmail,
} from '../domain/outbox/mail.ts';
import type { EmailContent } from '../domain/outbox/mail-template.ts';
import { invitationToken, readInvitation } from '../table/accounts/invitations.ts';
import { readOrganization } from '../table/accounts/organizations.ts';
import { readRecovery } from '../table/accounts/recoveries.ts';
import { readFigures } from '../table/items/figures.ts';
import { readEverMember, readMember } from '../table/items/members.ts';
import { readSubscription } from '../table/items/subscriptions.ts';
import { readAlert } from '../table/outbox/alerts.ts';
import { isTold } from '../table/outbox/mails.ts';
import type { Table } from '../table/store/table.ts';

/** An email and its recipient. */
export type Email = EmailContent & { to: string };

interface MailContext extends MailLinks {
  organization: Organization;
  now: number;
}

type About<Kind extends MailAbout['kind']> = MailAbout & { kind: Kind };

const composeInvitation = async (
  table: Table,
  { invitationId, nonce }: About<'invitation'>,
  { organization, now, consoleUrl }: MailContext,
): Promise<Email | undefined> => {
  const invitation = await readInvitation(table, organization.id, invitationId);
  if (invitation?.nonce !== nonce || !isOpenInvitation(invitation, now)) return undefined;
  const { email, role, expiresAt, invitedBy } = invitation;
  const [inviter, token] = await Promise.all([
    readEverMember(table, organization.id, invitedBy),
    invitationToken(table, invitation),
  ]);
  return { to: email, ...invitationEmail({ organization, inviter, role, expiresAt, token, consoleUrl }) };
};

const composeAlert = async (
  table: Table,
  { product, alertKind: kind, at, userId }: About<'alert'>,
  { organization, consoleUrl }: MailContext,
): Promise<Email | undefined> => {
  const pool = { organizationId: organization.id, product };
  const [alert, subscription, reader] = await Promise.all([
    readAlert(table, pool),
    readSubscription(table, pool),
    readEverMember(table, organization.id, userId),
  ]);
  const raised = alert && raisedAlert(alert, kind);
  // The cause has ended since.
  if (raised?.at !== at || !subscription || !reader || !isTold(reader)) return undefined;
  const page = consoleUrl && new URL(`/organizations/${organization.id}/products/${product}/alerts`, consoleUrl).href;
  return { to: reader.email, ...alertEmail(organization, subscription, { ...raised, kind }, page) };
};

const composeNewOwner = async (
  table: Table,
  { userId }: About<'new-owner'>,
  { organization, ...links }: MailContext,
): Promise<Email | undefined> => {
  const owner = await readMember(table, organization.id, userId);
  return owner?.role === 'owner' ? { to: owner.email, ...newOwnerEmail(organization, links) } : undefined;
};

const composeSubscriptionEnd = async (
  table: Table,
  { product, expiresAt, step, userId }: About<'subscription-end'>,
  { organization, now, contact }: MailContext,
): Promise<Email | undefined> => {
  const [subscription, reader] = await Promise.all([
    readSubscription(table, { organizationId: organization.id, product }),
    readEverMember(table, organization.id, userId),
  ]);
  if (!reader || !isTold(reader)) return undefined;
  // Renewed since; or already ended, which has a mail of its own.
  if (subscription?.expiresAt !== expiresAt || (step > 0 && expiresAt <= now)) return undefined;
  const figures = await readFigures(table, subscription, now);
  return { to: reader.email, ...subscriptionEndEmail(organization, subscription, figures, now, contact) };
};

const composeTerms = async (
  table: Table,
  { product, sold, expiresAt, quota, userId }: About<'terms'>,
  { organization, ...links }: MailContext,
): Promise<Email | undefined> => {
  const [subscription, reader] = await Promise.all([
    readSubscription(table, { organizationId: organization.id, product }),
    readEverMember(table, organization.id, userId),
  ]);
  if (!subscription || !reader || !isTold(reader)) return undefined;
  // A later change of the same terms has a mail of its own.
  const current = {
    sold,
    ...(expiresAt === subscription.expiresAt && { expiresAt }),
    ...(quota === subscription.quota && { quota }),
  };
  if (!sold && current.expiresAt === undefined && current.quota === undefined) return undefined;
  return { to: reader.email, ...termsEmail(organization, subscription, current, links) };
};

const composeRecovery = async (
  table: Table,
  { recoveryId, userId }: About<'recovery'>,
  { organization, now }: MailContext,
): Promise<Email | undefined> => {
  const recovery = await readRecovery(table, { organizationId: organization.id, id: recoveryId });
  if (!recovery || recovery.cancelledAt !== undefined || recovery.expiresAt <= now) return undefined;
  const [member, reader] = await Promise.all([
    readEverMember(table, organization.id, recovery.userId),
    readEverMember(table, organization.id, userId),
  ]);
  // Also tell the member concerned after the recovery took its membership over.
  const isTold = reader && (reader.removedAt === undefined || reader.recoveredAs !== undefined);
  if (!member || !isTold) return undefined;
  return { to: reader.email, ...recoveryEmail(organization, recovery, member) };
};

/** Composes a mail from the current state; undefined if its reason no longer holds. */
export const compose = async (
  table: Table,
  { organizationId, about }: Mail,
  { now, consoleUrl, contact }: Omit<MailContext, 'organization'>,
): Promise<Email | undefined> => {
  const organization = await readOrganization(table, organizationId);
  if (!organization) return undefined;
  const context = { organization, now, consoleUrl, contact };
  switch (about.kind) {
    case 'invitation':
      return composeInvitation(table, about, context);
    case 'alert':
      return composeAlert(table, about, context);
    case 'new-owner':
      return composeNewOwner(table, about, context);
    case 'subscription-end':
      return composeSubscriptionEnd(table, about, context);
    case 'terms':
      return composeTerms(table, about, context);
    case 'recovery':
      return composeRecovery(table, about, context);
  }
};
