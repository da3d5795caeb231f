import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Member } from '../../../client/index.ts';
import { emailColumn, personColumn, timeColumn } from '../../components/columns.tsx';
import { Empty } from '../../components/empty.tsx';
import { ListTable } from '../../components/list-table.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { managesLicenses, managesMember, roleName } from '../../organization/roles.ts';
import { useMembers } from '../../organization/use-members.ts';
import { Page } from '../../shell/page.tsx';
import { ChangeRole } from './change-role.tsx';
import { RemoveMembers } from './remove-members.tsx';

type Open = { dialog: 'role'; member: Member } | { dialog: 'remove'; members: readonly Member[] };

/** The members of the organization and their roles. */
const Members = () => {
  const { name, role } = useOrganization();
  const list = useMembers();
  const [open, setOpen] = useState<Open>();
  const actions = (selected: readonly Member[]) => {
    const [member] = selected;
    const reason = selected.every((chosen) => managesMember(role, chosen.role))
      ? undefined
      : 'Only owners change and remove owners.';
    return (
      <SpaceBetween direction="horizontal" size="xs">
        <Button
          disabled={!member || selected.length > 1 || reason !== undefined}
          disabledReason={reason}
          onClick={() => member && setOpen({ dialog: 'role', member })}
        >
          Change role
        </Button>
        <Button
          disabled={!member || reason !== undefined}
          disabledReason={reason}
          onClick={() => setOpen({ dialog: 'remove', members: selected })}
        >
          Remove
        </Button>
      </SpaceBetween>
    );
  };
  const close = () => setOpen(undefined);
  return (
    <Page title="Members" description={`The members of ${name} and their roles.`}>
      <ListTable
        title="Members"
        nouns={['member', 'members']}
        list={list}
        idOf={({ email }) => email}
        searchTextOf={({ name: person, email, role: held }) => [person, email, roleName(held)]}
        columns={[
          personColumn('Member', (member: Member) => member),
          {
            id: 'role',
            header: 'Role',
            kind: 'status',
            value: (member) => roleName(member.role),
            cell: (member) => roleName(member.role),
          },
          timeColumn('joinedAt', 'Joined'),
          emailColumn(({ email }: Member) => email),
        ]}
        actions={managesLicenses(role) ? actions : undefined}
        empty={<Empty title="There are no members">Invite them under “Invitations”.</Empty>}
      />
      {open?.dialog === 'role' && <ChangeRole member={open.member} onClose={close} />}
      {open?.dialog === 'remove' && <RemoveMembers members={open.members} onClose={close} />}
    </Page>
  );
};

export default Members;
