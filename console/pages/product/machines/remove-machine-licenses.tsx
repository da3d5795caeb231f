import type { Machine } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { ignoreNotFound } from '../../../api/ignore-not-found.ts';
import { BulkDialog } from '../../../components/dialogs/bulk-dialog.tsx';
import { pluralize } from '../../../components/pluralize.ts';
import { affectedBy, productRef, useProduct } from '../use-product.ts';

export const RemoveMachineLicenses = ({ machines, onClose }: { machines: readonly Machine[]; onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  return (
    <BulkDialog
      items={machines}
      header={(count) => `Remove the licenses of ${pluralize(count, 'machine')}?`}
      confirm="Remove"
      nameOf={({ machineId }) => machineId}
      line={({ machineId, online }) =>
        `${machineId}: ${pluralize(online, 'online license')} ${online === 1 ? 'ends' : 'end'}`
      }
      run={({ machineId }) => client.removeMachineLicense({ ...productRef(product), machineId }).catch(ignoreNotFound)}
      done={`Nothing runs online any more on ${pluralize(machines.length, 'machine')}.`}
      invalidates={affectedBy(product)}
      onClose={onClose}
    >
      <div>
        The online sessions there end at once, and their licenses are free.{' '}
        {product.licenseType === 'per-user' && 'The machines stay registered. '}Offline licenses stay.
      </div>
    </BulkDialog>
  );
};
