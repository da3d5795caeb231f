import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { LicensedUser } from '../../../../client/index.ts';
import { emailColumn, idColumn, personColumn, timeColumn } from '../../../components/columns.tsx';
import { Empty } from '../../../components/empty.tsx';
import { useUrlState } from '../../../components/list/use-url-state.ts';
import { ListTable } from '../../../components/list-table.tsx';
import { Status } from '../../../components/status.tsx';
import { duration } from '../../../components/time/format-time.ts';
import { useNow } from '../../../components/time/use-now.ts';
import { useRequestedAction } from '../../../shell/palette/requested-action.ts';
import { useProduct, whyUnusable } from '../use-product.ts';
import { AssignLicenses } from './assign-licenses.tsx';
import { RevokeLicenses } from './revoke-licenses.tsx';
import { RevokeUnused } from './revoke-unused.tsx';
import { TransferLicense } from './transfer-license.tsx';
import { useLicensedUsers } from './use-licensed-users.ts';

type Open =
  | { dialog: 'assign' }
  | { dialog: 'revoke'; users: readonly LicensedUser[] }
  | { dialog: 'revoke-unused'; users: readonly LicensedUser[]; days: number }
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

/** A licensed user, with null for a last use that is not on record. */
type Row = LicensedUser & { usedAt: string | null; machine: string | null };

/** Shows whether a license is in use, and for how long its user has not worked with it. */
const InUse = ({ online, usedAt }: Row) => {
  const now = useNow();
  const idleSeconds = usedAt === null ? 0 : (now - Date.parse(usedAt)) / 1000;
  return (
    <Status type={online ? 'success' : 'stopped'}>
      {inUse(online)}
      {online && idleSeconds >= LEAST_IDLE_SECONDS && `, idle for ${duration(idleSeconds)}`}
    </Status>
  );
};

/** A shorter pause is work. */
const LEAST_IDLE_SECONDS = 600;

const uses = [
  { value: '', label: 'All users' },
  ...[30, 60, 90].map((days) => ({ value: String(days), label: `Unused for ${days} days` })),
];

const UsersTable = () => {
  const unusable = whyUnusable(useProduct());
  const [open, setOpen] = useState<Open>();
  useRequestedAction('assign', () => unusable === undefined && setOpen({ dialog: 'assign' }));
  const url = useUrlState();
  const use = uses.find(({ value }) => value === url.get('unused')) ?? uses[0];
  const unusedForDays = use?.value ? Number(use.value) : undefined;
  // A page of a filtered list may be empty though the next one is not.
  const list = useLicensedUsers({ unusedForDays, loadAll: unusedForDays !== undefined });
  const items = list.items.map(
    (user): Row => ({ ...user, usedAt: user.lastUsedAt ?? null, machine: user.machineId ?? null }),
  );
  const assign = (
    <Button
      variant="primary"
      disabled={unusable !== undefined}
      disabledReason={unusable}
      onClick={() => setOpen({ dialog: 'assign' })}
    >
      Assign licenses
    </Button>
  );
  const close = () => setOpen(undefined);
  return (
    <>
      <ListTable
        title="Licensed users"
        nouns={['user', 'users']}
        list={{ ...list, items }}
        idOf={({ email }) => email}
        searchTextOf={({ name, email, online, machine }) => [name, email, machine, inUse(online)]}
        filters={
          <SpaceBetween direction="horizontal" size="xs">
            <Select
              selectedOption={use ?? null}
              options={uses}
              onChange={({ detail }) => url.set({ unused: detail.selectedOption.value, page: undefined })}
              ariaLabel="Use of the licenses"
            />
            {unusedForDays !== undefined && items.length > 0 && (
              <Button
                loading={list.more}
                onClick={() => setOpen({ dialog: 'revoke-unused', users: items, days: unusedForDays })}
              >
                Revoke all {items.length.toLocaleString('en')}
              </Button>
            )}
          </SpaceBetween>
        }
        columns={[
          { ...personColumn('User', (user: Row) => user), width: 180 },
          {
            id: 'online',
            header: 'In use',
            width: 185,
            value: ({ online }) => inUse(online),
            cell: (user) => <InUse {...user} />,
          },
          timeColumn('usedAt', 'Last used', 'No use on record'),
          { ...idColumn('machine', 'Machine', 'machine ID'), width: 170 },
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
          unusedForDays === undefined ? (
            <Empty title="Nobody has a license yet" action={assign}>
              {unusable ?? 'Assign licenses to members by their email addresses. Invite other people first.'}
            </Empty>
          ) : (
            <Empty title="No license is unused">
              Everybody who has had a license for {unusedForDays} days has used it since.
            </Empty>
          )
        }
      />
      {open?.dialog === 'assign' && <AssignLicenses onClose={close} />}
      {open?.dialog === 'revoke' && <RevokeLicenses users={open.users} onClose={close} />}
      {open?.dialog === 'revoke-unused' && <RevokeUnused users={open.users} days={open.days} onClose={close} />}
      {open?.dialog === 'transfer' && <TransferLicense user={open.user} onClose={close} />}
    </>
  );
};

export default LicensedUsers;
