import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import type { Subscription } from '../../../client/index.ts';

type LicenseType = Subscription['licenseType'];

interface LicenseTypeFieldProps {
  description: string;
  value: LicenseType;
  onChange: (value: LicenseType) => void;
  /** The type is decided. */
  disabled: boolean;
}

/** Chooses between floating and per user. */
export const LicenseTypeField = ({ description, value, onChange, disabled }: LicenseTypeFieldProps) => (
  <FormField label="License type" description={description}>
    <RadioGroup
      value={value}
      onChange={({ detail }) => onChange(detail.value as LicenseType)}
      items={[
        {
          value: 'floating',
          label: 'Floating',
          description: 'One running session takes one license.',
          disabled,
        },
        {
          value: 'per-user',
          label: 'Per user',
          description: 'A license belongs to a named user until it is revoked.',
          disabled,
        },
      ]}
    />
  </FormField>
);
