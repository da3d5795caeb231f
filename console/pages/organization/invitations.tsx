import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import type { Invitation } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { runForEach } from '../../api/run-for-each.ts';
import { useAction } from '../../api/use-action.ts';
import { useList } from '../../api/use-list.ts';
import { Breakable } from '../../components/breakable.tsx';
import { timeColumn } from '../../components/columns.tsx';
import { Empty } from '../../components/empty.tsx';
import { ListTable } from '../../components/list-table.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { useOrganization } from '../../organization/organization.tsx';
import { roleName } from '../../organization/roles.ts';
import { useEmailOf } from '../../organization/use-members.ts';
import { Page } from '../../shell/page.tsx';
import { useRequestedAction } from '../../shell/palette/requested-action.ts';
import { Invite } from './invite.tsx';

/** The open invitations. */
const Invitations = () => {
  const { id: organizationId, name } = useOrganization();
  const client = useClient();
  const emailOf = useEmailOf();
  const [inviting, setInviting] = useState(false);
  useRequestedAction('invite', () => setInviting(true));
  const list = useList(['invitations', organizationId], (query) =>
    client.listInvitations({ organizationId, ...query }),
  );
  const revoke = useAction({
    run: (invitations: readonly Invitation[]) =>
      runForEach(
        invitations,
        ({ email }) => email,
        ({ id }) => client.revokeInvitation({ organizationId, invitationId: id }),
      ),
    done: (_, { length }) =>
      `${pluralize(length, 'invitation')} revoked: ${length === 1 ? 'its link is' : 'their links are'} no longer valid.`,
    invalidates: [['invitations', organizationId]],
  });
  const invite = (
    <Button variant="primary" onClick={() => setInviting(true)}>
      Invite
    </Button>
  );
  return (
    <Page title="Invitations" description={`People invited to ${name} who have not accepted yet.`}>
      <ListTable
        title="Invitations"
        nouns={['invitation', 'invitations']}
        list={list}
        idOf={({ id }) => id}
        nameOf={({ email }) => email}
        searchTextOf={({ email, role, invitedBy }) => [email, roleName(role), emailOf(invitedBy)]}
        columns={[
          {
            id: 'email',
            header: 'Email',
            kind: 'email',
            width: 200,
            sortingField: 'email',
            isRowHeader: true,
            cell: ({ email }) => <Breakable>{email}</Breakable>,
          },
          timeColumn('expiresAt', 'Can be accepted until'),
          {
            id: 'role',
            header: 'Role',
            width: 125,
            value: ({ role }) => roleName(role),
            cell: ({ role }) => roleName(role),
          },
          timeColumn('invitedAt', 'Invited'),
          {
            id: 'by',
            header: 'Invited by',
            kind: 'email',
            width: 200,
            value: ({ invitedBy }) => emailOf(invitedBy),
            cell: ({ invitedBy }) => emailOf(invitedBy),
          },
        ]}
        create={invite}
        actions={(selected) => (
          <Button disabled={selected.length === 0} loading={revoke.running} onClick={() => revoke.run(selected)}>
            Revoke
          </Button>
        )}
        empty={
          <Empty title="Nobody is invited" action={invite}>
            Invite people by their email addresses: they become members once they accept.
          </Empty>
        }
      />
      {inviting && <Invite onClose={() => setInviting(false)} />}
    </Page>
  );
};

export default Invitations;
