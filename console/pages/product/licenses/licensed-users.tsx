import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { LicensedUser } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { useList } from '../../../api/use-list.ts';
import { emailColumn, personColumn, timeColumn } from '../../../components/columns.tsx';
import { Empty } from '../../../components/empty.tsx';
import { ListTable } from '../../../components/list-table.tsx';
import { useRequestedAction } from '../../../shell/palette/requested-action.ts';
import { productKey, productRef, useProduct } from '../use-product.ts';
import { AssignLicenses } from './assign-licenses.tsx';
import { RevokeLicenses } from './revoke-licenses.tsx';
import { TransferLicense } from './transfer-license.tsx';

type Open =
  | { dialog: 'assign' }
  | { dialog: 'revoke'; users: readonly LicensedUser[] }
  | { dialog: 'transfer'; user: LicensedUser };

/** The users who have a license. */
const LicensedUsers = () => {
  const { licenseType, product } = useProduct();
  if (licenseType === 'per-user') return <UsersTable />;
  return (
    <Alert type="info" header="Every member may use a license">
      {product} is floating: a license belongs to no user, and each running session takes one. Every member of the
      organization can start a session; “Online licenses” shows the running ones.
    </Alert>
  );
};

const inUse = (online: boolean) => (online ? 'Online now' : 'Not in use');

const UsersTable = () => {
  const product = useProduct();
  const client = useClient();
  const [open, setOpen] = useState<Open>();
  useRequestedAction('assign', () => setOpen({ dialog: 'assign' }));
  const list = useList(
    productKey(product, 'licensed-users'),
    (query) => client.listLicensedUsers({ ...productRef(product), ...query }),
    // The transfer leaves out users with a license, so it needs the whole list.
    { loadAll: open?.dialog === 'transfer' },
  );
  const assign = (
    <Button variant="primary" onClick={() => setOpen({ dialog: 'assign' })}>
      Assign licenses
    </Button>
  );
  const close = () => setOpen(undefined);
  return (
    <>
      <ListTable
        title="Licensed users"
        nouns={['user', 'users']}
        list={list}
        idOf={({ email }) => email}
        searchTextOf={({ name, email, online }) => [name, email, inUse(online)]}
        columns={[
          personColumn('User', (user: LicensedUser) => user),
          {
            id: 'online',
            header: 'In use',
            kind: 'status',
            value: ({ online }) => inUse(online),
            cell: ({ online }) => (
              <StatusIndicator type={online ? 'success' : 'stopped'}>{inUse(online)}</StatusIndicator>
            ),
          },
          timeColumn('licensedAt', 'Licensed since'),
          emailColumn(({ email }: LicensedUser) => email),
        ]}
        create={assign}
        actions={(selected) => {
          const [user] = selected;
          return (
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                disabled={!user || selected.length > 1}
                onClick={() => user && setOpen({ dialog: 'transfer', user })}
              >
                Transfer
              </Button>
              <Button disabled={!user} onClick={() => setOpen({ dialog: 'revoke', users: selected })}>
                Revoke
              </Button>
            </SpaceBetween>
          );
        }}
        empty={
          <Empty title="Nobody has a license yet" action={assign}>
            Assign licenses to members by their email addresses. Invite other people first.
          </Empty>
        }
      />
      {open?.dialog === 'assign' && <AssignLicenses onClose={close} />}
      {open?.dialog === 'revoke' && <RevokeLicenses users={open.users} onClose={close} />}
      {open?.dialog === 'transfer' && <TransferLicense user={open.user} licensed={list.items} onClose={close} />}
    </>
  );
};

export default LicensedUsers;
