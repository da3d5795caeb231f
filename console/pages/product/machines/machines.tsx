import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Machine } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { useList } from '../../../api/use-list.ts';
import { idColumn, personColumn, timeColumn } from '../../../components/columns.tsx';
import { Empty } from '../../../components/empty.tsx';
import { ListTable } from '../../../components/list-table.tsx';
import { useMembers } from '../../../organization/use-members.ts';
import { productKey, productRef, useProduct } from '../use-product.ts';
import { DeactivateMachines } from './deactivate-machines.tsx';
import { RemoveMachineLicenses } from './remove-machine-licenses.tsx';

/** A machine with the name of its latest session's user. */
type NamedMachine = Machine & { name: string; email: string };

interface Open {
  dialog: 'deactivate' | 'remove-licenses';
  machines: readonly Machine[];
}

/** The registered machines. */
const Machines = () => {
  const product = useProduct();
  const client = useClient();
  const [open, setOpen] = useState<Open>();
  const list = useList(productKey(product, 'machines'), (query) =>
    client.listMachines({ ...productRef(product), ...query }),
  );
  const members = useMembers();
  const byId = new Map(members.items.map((member) => [member.userId, member]));
  const items = list.items.map((machine): NamedMachine => {
    const { name = machine.userId ?? '–', email = name } = byId.get(machine.userId ?? '') ?? {};
    return { ...machine, name, email };
  });
  const close = () => setOpen(undefined);
  return (
    <>
      <ListTable
        title="Registered machines"
        nouns={['machine', 'machines']}
        description={
          product.licenseType === 'floating'
            ? 'Machines on which a license is in use now.'
            : 'Machines on which a license is or was in use, until they are deactivated.'
        }
        list={{ ...list, items }}
        idOf={({ machineId }) => machineId}
        total={product.registeredMachines}
        searchTextOf={({ machineId, hostname, name, email }) => [machineId, hostname, name, email]}
        columns={[
          { ...idColumn('machineId', 'Machine', 'machine ID'), isRowHeader: true },
          {
            id: 'host',
            header: 'Host name',
            kind: 'text',
            width: 165,
            sortingField: 'hostname',
            cell: ({ hostname }) => hostname ?? '–',
          },
          { ...personColumn('User', (machine: NamedMachine) => machine), isRowHeader: false, width: 200 },
          timeColumn('lastSeenAt', 'Last seen'),
          { id: 'online', header: 'Online', kind: 'count', sortingField: 'online', cell: ({ online }) => online },
          { id: 'offline', header: 'Offline', kind: 'count', sortingField: 'offline', cell: ({ offline }) => offline },
          { ...timeColumn('registeredAt', 'Registered'), optional: true },
        ]}
        actions={(machines) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              disabled={!machines.some(({ online }) => online > 0)}
              onClick={() =>
                setOpen({ dialog: 'remove-licenses', machines: machines.filter(({ online }) => online > 0) })
              }
            >
              Remove licenses
            </Button>
            <Button disabled={machines.length === 0} onClick={() => setOpen({ dialog: 'deactivate', machines })}>
              Deactivate
            </Button>
          </SpaceBetween>
        )}
        empty={
          <Empty title="No machine is registered">
            A machine registers itself with the first license that is used on it, and appears here by itself.
          </Empty>
        }
      />
      {open?.dialog === 'deactivate' && <DeactivateMachines machines={open.machines} onClose={close} />}
      {open?.dialog === 'remove-licenses' && <RemoveMachineLicenses machines={open.machines} onClose={close} />}
    </>
  );
};

export default Machines;
