import type { Member } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useBulkAction } from '../../api/use-bulk-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { useOrganization } from '../../organization/organization.tsx';

export const RemoveMembers = ({ members, onClose }: { members: readonly Member[]; onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const remove = useBulkAction({
    items: members,
    nameOf: ({ email }) => email,
    run: ({ userId }) => client.removeMember({ organizationId, userId }),
    done: () => `${pluralize(members.length, 'member')} removed.`,
    invalidates: [
      ['members', organizationId],
      ['api-keys', organizationId],
      // Who removes themself is in it no longer.
      ['organizations'],
    ],
    onSuccess: onClose,
  });
  return (
    <ActionDialog
      header={`Remove ${pluralize(remove.left.length, 'member')}?`}
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
        {remove.left.map(({ userId, email }) => (
          <li key={userId}>{email}</li>
        ))}
      </ul>
    </ActionDialog>
  );
};
