import Alert from '@cloudscape-design/components/alert';
import { useState } from 'react';
import type { Machine } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { ignoreNotFound } from '../../../api/ignore-not-found.ts';
import { BulkDialog } from '../../../components/dialogs/bulk-dialog.tsx';
import { isWithin, NumberField } from '../../../components/fields/number-field.tsx';
import { pluralize } from '../../../components/pluralize.ts';
import { affectedBy, productRef, useProduct } from '../use-product.ts';

/** The service accepts up to a week. */
const blockRange = { from: 1, to: 10_080 };

export const DeactivateMachines = ({ machines, onClose }: { machines: readonly Machine[]; onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  const [minutes, setMinutes] = useState('');
  const blockMinutes = minutes === '' ? undefined : Number(minutes);
  const bound = machines.filter(({ offline }) => offline > 0);
  const movable = machines.filter(({ offline }) => offline === 0);
  return (
    <BulkDialog
      items={movable}
      header={(count) => (count === 0 ? 'No machine can be deactivated' : `Deactivate ${pluralize(count, 'machine')}?`)}
      confirm="Deactivate"
      nameOf={({ machineId }) => machineId}
      line={({ machineId, online }) =>
        `${machineId}: ${online === 0 ? 'nothing runs there' : `${pluralize(online, 'online license')} ${online === 1 ? 'ends' : 'end'}`}`
      }
      run={({ machineId }) => {
        const removed = client.removeMachine({ ...productRef(product), machineId, blockMinutes });
        // A machine that is gone can't be blocked: then tell the user.
        return blockMinutes === undefined ? removed.catch(ignoreNotFound) : removed;
      }}
      done={`${pluralize(movable.length, 'machine')} deactivated.`}
      invalidates={affectedBy(product)}
      disabled={minutes !== '' && !isWithin(minutes, blockRange)}
      onClose={onClose}
      field={
        movable.length > 0 && (
          <NumberField
            label="Block for minutes"
            description="For how long no license may be activated there."
            value={minutes}
            onChange={setMinutes}
            range={blockRange}
            empty="Without it, the machine may come back at once."
          />
        )
      }
    >
      {bound.length > 0 && (
        <Alert type="info" header="Bound to offline licenses">
          {bound.map(({ machineId }) => machineId).join(', ')} can’t be deactivated before their offline licenses have
          expired.
        </Alert>
      )}
      {movable.length > 0 && (
        <div>
          The sessions there end at once and can’t take their licenses back. The licenses are free, and so are the
          places in the machine quota.
        </div>
      )}
    </BulkDialog>
  );
};
