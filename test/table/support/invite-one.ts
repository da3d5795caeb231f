import type { Invitation } from '../../../shared/domain/accounts/invitation.ts';
import { type Invited, invite } from '../../../shared/table/accounts/invitations.ts';
import { addMember, listMembers } from '../../../shared/table/items/members.ts';
import type { Table } from '../../../shared/table/store/table.ts';

/** An owner of an organization; of one that has none, a new one. */
const anOwner = async (table: Table, organizationId: string): Promise<string> => {
  const { items: members } = await listMembers(table, organizationId, { limit: 200 });
  const owner = members.find(({ role }) => role === 'owner');
  if (owner) return owner.userId;
  return (await addMember(table, { organizationId, email: 'inviter@acme.example', role: 'owner', now: Date.now() }))
    .userId;
};

/** Invites one address, in an owner's name unless another member is named. */
export const inviteOne = async (
  table: Table,
  request: Pick<Invitation, 'organizationId' | 'email' | 'role' | 'expiresAt'> & { invitedBy?: string },
  now: number,
): Promise<Invited> => {
  const { email, invitedBy = await anOwner(table, request.organizationId), ...terms } = request;
  const [invited] = await invite(table, { ...terms, invitedBy, emails: [email] }, now);
  if (!invited || typeof invited === 'string') throw new Error('nobody was invited');
  return invited;
};
