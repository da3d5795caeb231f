import type { Machine } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { ignoreNotFound } from '../../api/ignore-not-found.ts';
import { useBulkAction } from '../../api/use-bulk-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { affectedBy, productRef, useProduct } from './use-product.ts';

export const RemoveMachineLicenses = ({ machines, onClose }: { machines: readonly Machine[]; onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  const remove = useBulkAction({
    items: machines,
    nameOf: ({ machineId }) => machineId,
    run: ({ machineId }) => client.removeMachineLicense({ ...productRef(product), machineId }).catch(ignoreNotFound),
    done: () => `Nothing runs online any more on ${pluralize(machines.length, 'machine')}.`,
    invalidates: affectedBy(product),
    onSuccess: onClose,
  });
  return (
    <ActionDialog
      header={`Remove the licenses of ${pluralize(remove.left.length, 'machine')}?`}
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
            {machineId}: {pluralize(online, 'online license')} ends
          </li>
        ))}
      </ul>
    </ActionDialog>
  );
};
