import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useClient } from '../api/client.tsx';
import { useList } from '../api/use-list.ts';
import { idColumn, timeColumn } from '../components/columns.tsx';
import { Empty } from '../components/empty.tsx';
import { ListTable } from '../components/list-table.tsx';
import { CreateOrganization } from '../pages/vendor/create-organization.tsx';
import { Page } from '../shell/page.tsx';
import { organizationPath } from '../shell/paths.ts';
import { useLinkHandler } from '../shell/use-link-handler.ts';
import { usePerson } from '../sign-in/signed-in.tsx';
import { roleName } from './roles.ts';
import { useYourInvitations } from './your-invitations.tsx';

const ChooseOrganization = () => {
  const client = useClient();
  const { vendor, email } = usePerson();
  const onFollow = useLinkHandler();
  const [creating, setCreating] = useState(false);
  const create = vendor && (
    <SpaceBetween direction="horizontal" size="xs">
      <Button href="/subscriptions" onFollow={onFollow}>
        All subscriptions
      </Button>
      <Button variant="primary" onClick={() => setCreating(true)}>
        Create organization
      </Button>
    </SpaceBetween>
  );
  const { invitations = [] } = useYourInvitations();
  const list = useList(['organizations'], (query) => client.listOrganizations(query));

  return (
    <Page
      title="Organizations"
      description={vendor ? 'All organizations: you are the vendor.' : 'The organizations that you are a member of.'}
      actions={create}
    >
      <ListTable
        title="Organizations"
        nouns={['organization', 'organizations']}
        list={list}
        idOf={({ id }) => id}
        searchTextOf={({ id, name, role }) => [name, vendor ? id : roleName(role)]}
        columns={[
          {
            id: 'name',
            header: 'Name',
            kind: 'person',
            sortingField: 'name',
            isRowHeader: true,
            cell: ({ id, name }) => (
              <Link href={organizationPath(id, 'products')} onFollow={onFollow}>
                {name}
              </Link>
            ),
          },
          vendor
            ? idColumn('id', 'ID', 'organization ID')
            : {
                id: 'role',
                header: 'Your role',
                kind: 'status',
                value: ({ role }) => roleName(role),
                cell: ({ role }) => roleName(role),
              },
          timeColumn('createdAt', 'Created'),
        ]}
        empty={
          vendor ? (
            <Empty title="There is no organization yet">
              Create one for each customer; its owner invites the others.
            </Empty>
          ) : (
            <Empty title="You are in no organization yet">
              {invitations.length > 0
                ? 'Accept the invitation above.'
                : `Ask an owner or admin to invite ${email}. The invitation then appears here.`}
            </Empty>
          )
        }
      />
      {creating && <CreateOrganization onClose={() => setCreating(false)} />}
    </Page>
  );
};

export default ChooseOrganization;
