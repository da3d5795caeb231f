import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import type { Member } from '../../client/index.ts';
import { useMembers } from './use-members.ts';

/** From so many options on, a list renders only the visible ones. */
export const MANY_MEMBERS = 200;

interface MemberSelectProps {
  label: string;
  description?: string;
  value: string | undefined;
  onChange: (userId: string | undefined) => void;
  /** The members to leave out. */
  except?: ReadonlySet<string>;
  /** Former members who may be chosen; current members among them are ignored. */
  former?: readonly Pick<Member, 'userId' | 'name' | 'email'>[];
  /** Called when the user opens the list, to load all former members. */
  onChoose?: () => void;
  /** The label of an option for no member. */
  noneLabel?: string;
}

/** A field to choose a current or former member. */
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
    // Only once the members are loaded.
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
        // Shows the ID of an unknown user.
        selectedOption={chosen ?? (value ? { value, label: value } : null)}
        options={options}
        onFocus={onChoose}
        onChange={({ detail }) => onChange(detail.selectedOption.value || undefined)}
        filteringType="auto"
        virtualScroll={options.length > MANY_MEMBERS}
        filteringAriaLabel="Find members"
        placeholder="Choose a member"
        statusType={members.loading ? 'loading' : 'finished'}
        empty="There is no other member. Invite them first."
      />
    </FormField>
  );
};
