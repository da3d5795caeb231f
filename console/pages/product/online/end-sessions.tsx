import type { Activation } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { BulkDialog } from '../../../components/dialogs/bulk-dialog.tsx';
import { pluralize } from '../../../components/pluralize.ts';
import { affectedBy, productRef, useProduct } from '../use-product.ts';

export const EndSessions = ({ sessions, onClose }: { sessions: readonly Activation[]; onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  return (
    <BulkDialog
      items={sessions}
      header={(count) => `Remove ${pluralize(count, 'online license')}?`}
      confirm="Remove"
      nameOf={({ sessionId }) => sessionId}
      line={({ sessionId, machineId }) => `${sessionId} on ${machineId}`}
      run={({ sessionId }) => client.deactivate({ ...productRef(product), sessionId })}
      done={`${pluralize(sessions.length, 'license')} removed: free for the next session.`}
      invalidates={affectedBy(product)}
      onClose={onClose}
    >
      <div>
        The sessions end at once, and their licenses are free for the next session. A runner learns of the end at its
        next heartbeat, and can’t take the license back. Your own sessions may start again.
      </div>
    </BulkDialog>
  );
};
