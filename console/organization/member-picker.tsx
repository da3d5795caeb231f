import FormField from '@cloudscape-design/components/form-field';
import Multiselect from '@cloudscape-design/components/multiselect';
import { MANY_MEMBERS } from './member-select.tsx';
import { useMembers } from './use-members.ts';

interface MemberPickerProps {
  /** The chosen addresses, also of people who are no members. */
  emails: readonly string[];
  onChange: (emails: string[]) => void;
  /** The members who can't be chosen, by user ID. */
  disabled: ReadonlySet<string>;
  /** The reason. */
  disabledReason: string;
}

/** A list of the members, found by name or address, to choose several. */
export const MemberPicker = ({ emails, onChange, disabled, disabledReason }: MemberPickerProps) => {
  const members = useMembers();
  const options = members.items.map(({ userId, name, email }) => ({
    value: email,
    label: name,
    description: name === email ? undefined : email,
    ...(disabled.has(userId) && { disabled: true, labelTag: disabledReason }),
  }));
  const chosen = new Set(emails);
  const offered = new Set(options.map(({ value }) => value));
  return (
    <FormField label="Members - optional" description="The chosen ones are added to the addresses.">
      <Multiselect
        options={options}
        selectedOptions={options.filter(({ value }) => chosen.has(value))}
        onChange={({ detail }) => {
          const picked = new Set(detail.selectedOptions.flatMap(({ value }) => value ?? []));
          const kept = emails.filter((email) => !offered.has(email) || picked.has(email));
          onChange([...new Set([...kept, ...picked])]);
        }}
        hideTokens
        virtualScroll={options.length > MANY_MEMBERS}
        filteringType="auto"
        filteringAriaLabel="Find members"
        filteringPlaceholder="Find by name or email"
        placeholder="Choose members"
        statusType={members.loading ? 'loading' : 'finished'}
        loadingText="Loading members"
        noMatch="No member matches."
      />
    </FormField>
  );
};
