import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { patterns } from '../../../client/index.ts';

export const isMachineId = (text: string): boolean => patterns.machineId.test(text);

/** Returns what is wrong with an entered machine ID; an empty one is not entered yet. */
export const machineIdError = (text: string): string | undefined =>
  text === '' || isMachineId(text)
    ? undefined
    : 'A machine ID has up to 128 letters, digits and . _ : @ = + ~ - and no spaces.';

interface MachineFieldProps {
  label: string;
  description: string;
  value: string;
  onChange: (value: string) => void;
}

export const MachineField = ({ label, description, value, onChange }: MachineFieldProps) => (
  <FormField label={label} description={description} errorText={machineIdError(value)}>
    <Input value={value} onChange={({ detail }) => onChange(detail.value.trim())} spellcheck={false} />
  </FormField>
);
