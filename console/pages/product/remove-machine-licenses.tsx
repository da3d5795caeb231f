import type { Machine } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { unlessGone } from '../../api/ignore-not-found.ts';
import { useEach } from '../../api/use-bulk-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { counted } from '../../components/pluralize.ts';
import { changesOf, named, useProduct } from './use-product.ts';

export const RemoveMachineLicenses = ({ machines, onClose }: { machines: readonly Machine[]; onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  const remove = useEach({
    items: machines,
    nameOf: ({ machineId }) => machineId,
    run: ({ machineId }) => client.removeMachineLicense({ ...named(product), machineId }).catch(unlessGone),
    done: () => `Nothing runs online any more on ${counted(machines.length, 'machine')}.`,
    changes: changesOf(product),
    afterwards: onClose,
  });
  return (
    <ActionDialog
      header={`Remove the licenses of ${counted(remove.left.length, 'machine')}?`}
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
        {remove.left.map(({ machineId, online }) => (
          <li key={machineId}>
            {machineId}: {counted(online, 'online license')} ends
          </li>
        ))}
      </ul>
    </ActionDialog>
  );
};
