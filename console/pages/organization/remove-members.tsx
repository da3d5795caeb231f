import type { Member } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { BulkDialog } from '../../components/dialogs/bulk-dialog.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { useOrganization } from '../../organization/organization.tsx';

export const RemoveMembers = ({ members, onClose }: { members: readonly Member[]; onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  return (
    <BulkDialog
      items={members}
      header={(count) => `Remove ${pluralize(count, 'member')}?`}
      confirm="Remove"
      nameOf={({ email }) => email}
      run={({ userId }) => client.removeMember({ organizationId, userId })}
      done={`${pluralize(members.length, 'member')} removed.`}
      // A member who removes itself leaves the organization.
      invalidates={[['members', organizationId], ['api-keys', organizationId], ['organizations']]}
      onClose={onClose}
    >
      <div>
        Their sessions end, their licenses are free, and their API keys are revoked. Their offline licenses stay until
        they expire. A removed member needs a new invitation to come back.
      </div>
    </BulkDialog>
  );
};
