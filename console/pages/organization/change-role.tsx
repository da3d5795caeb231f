import { useState } from 'react';
import type { Member } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useAction } from '../../api/use-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { roleName } from '../../organization/roles.ts';
import { RoleSelect } from './role-select.tsx';

export const ChangeRole = ({ member, onClose }: { member: Member; onClose: () => void }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const [role, setRole] = useState(member.role);
  const set = useAction({
    run: () => client.setMember({ organizationId, userId: member.userId, role }),
    done: (changed) => `${changed.email} is ${roleName(changed.role)} now.`,
    invalidates: [['members', organizationId], ['organizations']],
    inDialog: true,
    onSuccess: onClose,
  });
  return (
    <ActionDialog
      header={`Change the role of ${member.email}`}
      confirm="Change"
      action={set}
      disabled={role === member.role}
      onDismiss={onClose}
    >
      <RoleSelect value={role} onChange={setRole} />
      <div>The new role takes effect within 30 seconds.</div>
    </ActionDialog>
  );
};
