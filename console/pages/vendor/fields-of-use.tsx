import Checkbox from '@cloudscape-design/components/checkbox';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import { NumberField } from '../../components/fields/number-field.tsx';
import { ranges, type UseInput } from './terms-form-state.ts';

interface FieldsOfUseProps {
  input: UseInput;
  change: (part: Partial<UseInput>) => void;
  /** Whether to show already which fields are required. */
  tried: boolean;
}

/** The terms of the use of a license: its lease, its idle timeout, and offline licenses. */
export const FieldsOfUse = ({ input, change, tried }: FieldsOfUseProps) => (
  <ColumnLayout columns={2}>
    <NumberField
      label="Lease, in seconds"
      description="How long a license stays in use without a heartbeat: a crashed runner keeps it that long."
      value={input.leaseSeconds}
      onChange={(leaseSeconds) => change({ leaseSeconds })}
      range={ranges.leaseSeconds}
      tried={tried}
    />
    {input.licenseType === 'per-user' && (
      <NumberField
        label="Idle timeout, in minutes"
        description="A session without user activity ends after this time."
        value={input.idleTimeoutMinutes}
        onChange={(idleTimeoutMinutes) => change({ idleTimeoutMinutes })}
        range={ranges.idleTimeoutMinutes}
        empty="Empty: it never ends for that."
      />
    )}
    <FormField label="Offline licenses">
      <Checkbox
        checked={input.offlineAllowed}
        onChange={({ detail }) => change({ offlineAllowed: detail.checked })}
        description="Owners and admins can bind a license to a machine without a network. It can’t be taken back before it expires."
      >
        Allowed
      </Checkbox>
    </FormField>
    {input.offlineAllowed && (
      <NumberField
        label="Longest offline license, in days"
        description="Owners and admins can choose less."
        value={input.maxDays}
        onChange={(maxDays) => change({ maxDays })}
        range={ranges.maxDays}
        empty="Empty: until the subscription expires."
      />
    )}
    {input.offlineAllowed && (
      <NumberField
        label="Licenses kept for online use"
        description="This part of the quota can’t become offline licenses."
        value={input.reserveOnline}
        onChange={(reserveOnline) => change({ reserveOnline })}
        range={ranges.reserveOnline}
        tried={tried}
      />
    )}
  </ColumnLayout>
);
