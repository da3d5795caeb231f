import Alert from '@cloudscape-design/components/alert';
import { useState } from 'react';
import type { Machine } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { ignoreNotFound } from '../../api/ignore-not-found.ts';
import { useBulkAction } from '../../api/use-bulk-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { isWithin, NumberField } from '../../components/fields/number-field.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { affectedBy, productRef, useProduct } from './use-product.ts';

/** Up to a week, as the service takes it. */
const blockRange = { from: 1, to: 10_080 };

export const DeactivateMachines = ({ machines, onClose }: { machines: readonly Machine[]; onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  const [minutes, setMinutes] = useState('');
  const blockMinutes = minutes === '' ? undefined : Number(minutes);
  const bound = machines.filter(({ offline }) => offline > 0);
  const movable = machines.filter(({ offline }) => offline === 0);
  const deactivate = useBulkAction({
    items: movable,
    nameOf: ({ machineId }) => machineId,
    run: ({ machineId }) => {
      const removed = client.removeMachine({ ...productRef(product), machineId, blockMinutes });
      // One that is gone can't be blocked: that is not as it was to be.
      return blockMinutes === undefined ? removed.catch(ignoreNotFound) : removed;
    },
    done: () => `${pluralize(movable.length, 'machine')} deactivated.`,
    invalidates: affectedBy(product),
    onSuccess: onClose,
  });
  return (
    <ActionDialog
      header={`Deactivate ${pluralize(deactivate.left.length, 'machine')}?`}
      confirm="Deactivate"
      action={deactivate}
      disabled={movable.length === 0 || (minutes !== '' && !isWithin(minutes, blockRange))}
      onConfirm={() => deactivate.run()}
      onDismiss={onClose}
    >
      {bound.length > 0 && (
        <Alert type="info" header="Bound to offline licenses">
          {bound.map(({ machineId }) => machineId).join(', ')} can’t be deactivated before their offline licenses have
          expired.
        </Alert>
      )}
      {movable.length > 0 && (
        <>
          <div>
            All that runs there ends at once and can’t take its license back. The licenses are free, and so are the
            places in the machine quota.
          </div>
          <ul>
            {deactivate.left.map(({ machineId, online }) => (
              <li key={machineId}>
                {machineId}: {online === 0 ? 'nothing runs there' : `${pluralize(online, 'online license')} ends`}
              </li>
            ))}
          </ul>
          <NumberField
            label="Block for minutes"
            description="For how long no license may be activated there."
            value={minutes}
            onChange={setMinutes}
            range={blockRange}
            empty="Without it, the machine may come back at once."
          />
        </>
      )}
    </ActionDialog>
  );
};
