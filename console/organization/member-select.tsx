import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import type { Member } from '../../client/index.ts';
import { useMembers } from './use-members.ts';

interface MemberSelectProps {
  label: string;
  description?: string;
  value: string | undefined;
  onChange: (userId: string | undefined) => void;
  /** Who is not to be chosen. */
  except?: ReadonlySet<string>;
  /** Who was a member, and may be chosen all the same; members among them are left out. */
  former?: readonly Pick<Member, 'userId' | 'name' | 'email'>[];
  /** Told when the user is about to choose: then all who were members have to be known. */
  onChoose?: () => void;
  /** Nobody may be chosen, and this says so. */
  noneLabel?: string;
}

/** One of the members, or of those who were. */
export const MemberSelect = ({
  value,
  onChange,
  except,
  former = [],
  onChoose,
  noneLabel,
  ...field
}: MemberSelectProps) => {
  const members = useMembers();
  const current = new Set(members.items.map(({ userId }) => userId));
  const gone = new Map(former.filter(({ userId }) => !current.has(userId)).map((person) => [person.userId, person]));
  const options = [
    ...(noneLabel ? [{ value: '', label: noneLabel }] : []),
    ...members.items
      .filter(({ userId }) => !except?.has(userId))
      .map(({ userId, name, email }) => ({ value: userId, label: name, description: email })),
    // Until the members are known nobody is called a former one.
    ...(members.loading ? [] : [...gone.values()]).map(({ userId, name, email }) => ({
      value: userId,
      label: name,
      description: `${email}, no longer a member`,
    })),
  ];
  const chosen = options.find((option) => option.value === (value ?? ''));
  return (
    <FormField {...field}>
      <Select
        // Also one of whom no more is known than the ID.
        selectedOption={chosen ?? (value ? { value, label: value } : null)}
        options={options}
        onFocus={onChoose}
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
