import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';

/** Whole numbers, both ends included. */
export interface Range {
  from: number;
  to: number;
}

export const isWithin = (text: string, { from, to }: Range): boolean =>
  /^\d+$/.test(text) && Number(text) >= from && Number(text) <= to;

interface NumberFieldProps {
  label: string;
  description: string;
  value: string;
  onChange: (value: string) => void;
  range: Range;
  /** The meaning of an empty field; without it the field is required. */
  empty?: string;
  /** Whether to show already that the field is required. */
  tried?: boolean;
}

/** A field for a whole number. */
export const NumberField = ({ label, value, onChange, range, empty, tried, ...field }: NumberFieldProps) => {
  const missing = empty === undefined && tried && value === '';
  return (
    <FormField
      {...field}
      label={empty === undefined ? label : `${label} - optional`}
      constraintText={`${range.from.toLocaleString('en')} to ${range.to.toLocaleString('en')}.${empty ? ` ${empty}` : ''}`}
      errorText={
        missing || (value !== '' && !isWithin(value, range))
          ? `A whole number from ${range.from.toLocaleString('en')} to ${range.to.toLocaleString('en')}.`
          : undefined
      }
    >
      <Input value={value} inputMode="numeric" onChange={({ detail }) => onChange(detail.value.trim())} />
    </FormField>
  );
};
