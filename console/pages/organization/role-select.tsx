import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import type { Role } from '../../../client/index.ts';
import { useOrganization } from '../../organization/organization.tsx';
import { roleName } from '../../organization/roles.ts';

const may: Record<Role, string> = {
  owner: 'Manages everything, also other owners',
  admin: 'Manages licenses and people, but no owners',
  'billing-manager': 'Sees the figures',
  user: 'Uses licenses',
};

/** A field for the roles that the user may assign: only owners make owners. */
export const RoleSelect = ({ value, onChange }: { value: Role; onChange: (role: Role) => void }) => {
  const { role: own } = useOrganization();
  const options = (Object.keys(may) as Role[])
    .filter((role) => own === 'owner' || role !== 'owner')
    .map((role) => ({ value: role, label: roleName(role), description: may[role] }));
  return (
    <FormField label="Role">
      <Select
        selectedOption={options.find((option) => option.value === value) ?? null}
        options={options}
        onChange={({ detail }) => onChange(detail.selectedOption.value as Role)}
      />
    </FormField>
  );
};
