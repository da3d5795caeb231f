import type { Activation } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useEach } from '../../api/use-bulk-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { counted } from '../../components/pluralize.ts';
import { changesOf, named, useProduct } from './use-product.ts';

export const EndSessions = ({ sessions, onClose }: { sessions: readonly Activation[]; onClose: () => void }) => {
  const product = useProduct();
  const client = useClient();
  const end = useEach({
    items: sessions,
    nameOf: ({ sessionId }) => sessionId,
    run: ({ sessionId }) => client.deactivate({ ...named(product), sessionId }),
    done: () => `${counted(sessions.length, 'license')} removed: free for the next session.`,
    changes: changesOf(product),
    afterwards: onClose,
  });
  return (
    <ActionDialog
      header={`Remove ${counted(end.left.length, 'online license')}?`}
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
