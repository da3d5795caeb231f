import { invite as contract } from '../shared/contracts/invite.ts';
import { dayWindow } from '../shared/domain/accounts/limits.ts';
import { mayAppoint } from '../shared/domain/accounts/membership.ts';
import { appointingRole } from '../shared/domain/accounts/principal.ts';
import { hourMs } from '../shared/domain/dates.ts';
import { limitReached, onlyOwners } from '../shared/http/problems/problem.ts';
import { invitationBody } from '../shared/http/responses/member.ts';
import { serve } from '../shared/http/serve.ts';
import { invite } from '../shared/table/accounts/invitations.ts';
import { readLimits } from '../shared/table/accounts/organizations.ts';
import { countAll } from '../shared/table/items/limit-counters.ts';

export const handler = serve(contract, async ({ path, body, caller, table, now }) => {
  const { role, expiresInHours } = body;
  if (!mayAppoint(appointingRole(caller), { to: role })) throw onlyOwners(caller, 'invites owners');
  const terms = { ...path, role, expiresAt: now + expiresInHours * hourMs, invitedBy: caller.userId };
  const emails = [...new Set(body.emails)];
  const { invitationsPerDay, invitationsPerAddressAndDay } = await readLimits(table, path.organizationId);
  const window = dayWindow(now);
  const reached = await countAll(table, path.organizationId, [
    { limit: 'invitationsPerDay', of: '', window, value: invitationsPerDay, amount: emails.length },
    ...emails.map((of) => {
      const limit = 'invitationsPerAddressAndDay' as const;
      return { limit, of, window, value: invitationsPerAddressAndDay, amount: 1 };
    }),
  ]);
  if (reached) {
    const nobody = `Nobody was invited${reached.of && `, as ${reached.of} was today`}.`;
    const toDo = reached.endsAt === undefined ? `Invite at most ${reached.value} at once.` : nobody;
    throw limitReached(reached, toDo, now);
  }
  const invited = await invite(table, { ...terms, emails }, now);
  const items = invited.map((one) =>
    one.outcome === 'invited'
      ? { email: one.email, outcome: one.outcome, invitation: { ...invitationBody(one.invitation), token: one.token } }
      : one,
  );
  return { status: 200, body: { items } };
});
