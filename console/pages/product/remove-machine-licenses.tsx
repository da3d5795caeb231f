import type { Machine } from '../../../client/index.ts';
import { ActionDialog } from '../../parts/action-dialog.tsx';
import { counted } from '../../parts/counted.ts';
import { useClient } from '../../service/client.tsx';
import { forEach } from '../../service/for-each.ts';
import { useAction } from '../../service/use-action.ts';
import { changesOf, named, useProduct } from './use-product.ts';

export const RemoveMachineLicenses = ({ machines, onClose }: { machines: readonly Machine[]; onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  const remove = useAction({
    run: () => forEach(machines, ({ machineId }) => client.removeMachineLicense({ ...named(product), machineId })),
    done: () => `Nothing runs online any more on ${counted(machines.length, 'machine')}.`,
    changes: changesOf(product),
    inDialog: true,
    afterwards: onClose,
  });
  return (
    <ActionDialog
      header={`Remove the licenses of ${counted(machines.length, 'machine')}?`}
      confirm="Remove"
      action={remove}
      onConfirm={() => remove.run()}
      onDismiss={onClose}
    >
      <div>
        All that runs online there ends at once, and its licenses are free.{' '}
        {product.licenseType === 'per-user' && 'The machines stay registered. '}Offline licenses stay.
      </div>
      <ul>
        {machines.map(({ machineId, online }) => (
          <li key={machineId}>
            {machineId}: {counted(online, 'online license')} ends
          </li>
        ))}
      </ul>
    </ActionDialog>
  );
};
