import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { patterns } from '../../../client/index.ts';

export const isMachineId = (text: string): boolean => patterns.machineId.test(text);

interface MachineFieldProps {
  label: string;
  description: string;
  value: string;
  onChange: (value: string) => void;
  /** The first field to fill in. */
  autoFocus?: boolean;
}

export const MachineField = ({ label, description, value, onChange, autoFocus }: MachineFieldProps) => (
  <FormField
    label={label}
    description={description}
    errorText={
      value !== '' && !isMachineId(value)
        ? 'A machine ID has up to 128 letters, digits and . _ : @ = + ~ - and no spaces.'
        : undefined
    }
  >
    <Input
      value={value}
      onChange={({ detail }) => onChange(detail.value.trim())}
      autoFocus={autoFocus}
      spellcheck={false}
    />
  </FormField>
);
