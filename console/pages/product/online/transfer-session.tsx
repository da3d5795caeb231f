import { useState } from 'react';
import type { Activation } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { useAction } from '../../../api/use-action.ts';
import { ActionDialog } from '../../../components/dialogs/action-dialog.tsx';
import { isMachineId } from '../../../components/fields/machine-field.tsx';
import { MachinePicker } from '../machines/machine-picker.tsx';
import { affectedBy, productRef, useProduct } from '../use-product.ts';

export const TransferSession = ({ session, onClose }: { session: Activation; onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  const [machineId, setMachineId] = useState('');
  const transfer = useAction({
    run: () => client.transferActivation({ ...productRef(product), sessionId: session.sessionId, machineId }),
    done: ({ sessionId, machineId: now }) => `Session ${sessionId} has its license on ${now} now.`,
    invalidates: affectedBy(product),
    inDialog: true,
    onSuccess: onClose,
  });
  return (
    <ActionDialog
      header={`Transfer session ${session.sessionId}`}
      confirm="Transfer"
      action={transfer}
      disabled={!isMachineId(machineId) || machineId === session.machineId}
      onDismiss={onClose}
    >
      <div>
        The session keeps its license: nobody else can take it between. The runner on {session.machineId} stops at its
        next heartbeat. On the other machine, start it with the same session ID.
      </div>
      <MachinePicker
        label="To machine"
        description="The machine must hold no offline license."
        value={machineId}
        onChange={setMachineId}
        except={session.machineId}
      />
    </ActionDialog>
  );
};
