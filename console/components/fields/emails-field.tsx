import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import { pluralize } from '../pluralize.ts';
import { emailsIn, invalidEmails } from './emails.ts';

interface EmailsFieldProps {
  value: string;
  onChange: (value: string) => void;
  description: string;
  /** The number of addresses that are done and have left the field. */
  completed: number;
}

/** Several email addresses, typed or pasted. */
export const EmailsField = ({ value, onChange, description, completed }: EmailsFieldProps) => {
  const wrong = invalidEmails(emailsIn(value));
  return (
    <FormField
      label="Email addresses"
      description={description}
      constraintText={
        completed > 0
          ? `${pluralize(completed, 'address', 'addresses')} done: the outcomes are shown at the end.`
          : 'One on a line, or between commas.'
      }
      errorText={wrong.length > 0 && /\s$|[,;]/.test(value) ? `Not an email address: ${wrong.join(', ')}` : undefined}
    >
      <Textarea value={value} onChange={({ detail }) => onChange(detail.value)} rows={5} spellcheck={false} />
    </FormField>
  );
};
