import type * as z from 'zod';
import type {
  Invitation as InvitationBody,
  Member as MemberBody,
  YourInvitation,
} from '../../contracts/schemas/organization.ts';
import type { Invitation } from '../../domain/accounts/invitation.ts';
import type { Member } from '../../domain/accounts/member.ts';
import { utc } from '../../domain/activation.ts';
import type { OwnInvitation } from '../../table/accounts/invitations.ts';

/** Returns a member as the API shows it. */
export const memberBody = ({ userId, email, name, role, joinedAt }: Member): z.input<typeof MemberBody> => ({
  userId,
  email,
  name,
  role,
  joinedAt: utc(joinedAt),
});

/** Returns an invitation as the API shows it, never its hash. */
export const invitationBody = (invitation: Invitation): z.input<typeof InvitationBody> => ({
  id: invitation.id,
  email: invitation.email,
  role: invitation.role,
  invitedAt: utc(invitation.invitedAt),
  expiresAt: utc(invitation.expiresAt),
  invitedBy: invitation.invitedBy,
});

/** Returns an invitation as the API shows it to the invited person. */
export const yourInvitationBody = ({
  invitation: { role, expiresAt },
  organization: { id, name },
  inviter,
  token,
}: OwnInvitation): z.input<typeof YourInvitation> => ({
  organization: { id, name },
  role,
  expiresAt: utc(expiresAt),
  invitedBy: inviter ? { email: inviter.email, name: inviter.name } : null,
  token,
});
