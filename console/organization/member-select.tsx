import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import { useMembers } from './use-members.ts';

interface MemberSelectProps {
  label: string;
  description?: string;
  value: string | undefined;
  onChange: (userId: string | undefined) => void;
  /** Who is not to be chosen. */
  except?: ReadonlySet<string>;
  /** Nobody may be chosen, and this says so. */
  nobody?: string;
}

/** One of the members. */
export const MemberSelect = ({ value, onChange, except, nobody, ...field }: MemberSelectProps) => {
  const members = useMembers();
  const options = [
    ...(nobody ? [{ value: '', label: nobody }] : []),
    ...members.items
      .filter(({ userId }) => !except?.has(userId))
      .map(({ userId, name, email }) => ({ value: userId, label: name, description: email })),
  ];
  return (
    <FormField {...field}>
      <Select
        selectedOption={options.find((option) => option.value === (value ?? '')) ?? null}
        options={options}
        onChange={({ detail }) => onChange(detail.selectedOption.value || undefined)}
        filteringType="auto"
        filteringAriaLabel="Find members"
        placeholder="Choose a member"
        statusType={members.loading ? 'loading' : 'finished'}
        empty="There is no other member. Invite them first."
      />
    </FormField>
  );
};
