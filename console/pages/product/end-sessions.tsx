import type { Activation } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useBulkAction } from '../../api/use-bulk-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { affectedBy, productRef, useProduct } from './use-product.ts';

export const EndSessions = ({ sessions, onClose }: { sessions: readonly Activation[]; onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  const end = useBulkAction({
    items: sessions,
    nameOf: ({ sessionId }) => sessionId,
    run: ({ sessionId }) => client.deactivate({ ...productRef(product), sessionId }),
    done: () => `${pluralize(sessions.length, 'license')} removed: free for the next session.`,
    invalidates: affectedBy(product),
    onSuccess: onClose,
  });
  return (
    <ActionDialog
      header={`Remove ${pluralize(end.left.length, 'online license')}?`}
      confirm="Remove"
      action={end}
      onConfirm={() => end.run()}
      onDismiss={onClose}
    >
      <div>
        The sessions end at once: what runs learns it at its next heartbeat, and can’t take the license back. The next
        session may have it. Sessions of your own may start again.
      </div>
      <ul>
        {end.left.map(({ sessionId, machineId }) => (
          <li key={sessionId}>
            {sessionId} on {machineId}
          </li>
        ))}
      </ul>
    </ActionDialog>
  );
};
