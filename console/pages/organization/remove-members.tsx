import type { Member } from '../../../client/index.ts';
import { useOrganization } from '../../organization/organization.tsx';
import { ActionDialog } from '../../parts/action-dialog.tsx';
import { counted } from '../../parts/counted.ts';
import { useClient } from '../../service/client.tsx';
import { forEach } from '../../service/for-each.ts';
import { useAction } from '../../service/use-action.ts';

export const RemoveMembers = ({ members, onClose }: { members: readonly Member[]; onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const remove = useAction({
    run: () => forEach(members, ({ userId }) => client.removeMember({ organizationId, userId })),
    done: () => `${counted(members.length, 'member')} removed.`,
    changes: [
      ['members', organizationId],
      ['api-keys', organizationId],
      // Who removes themself is in it no longer.
      ['organizations'],
    ],
    inDialog: true,
    afterwards: onClose,
  });
  return (
    <ActionDialog
      header={`Remove ${counted(members.length, 'member')}?`}
      confirm="Remove"
      action={remove}
      onConfirm={() => remove.run()}
      onDismiss={onClose}
    >
      <div>
        What they run ends, their licenses are free and their API keys are revoked. Offline licenses that they use stay
        until they expire. To come back they have to be invited again.
      </div>
      <ul>
        {members.map(({ userId, email }) => (
          <li key={userId}>{email}</li>
        ))}
      </ul>
    </ActionDialog>
  );
};
