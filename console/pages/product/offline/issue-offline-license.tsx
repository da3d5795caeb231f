import Alert from '@cloudscape-design/components/alert';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import type { OfflineLicense } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { useAction } from '../../../api/use-action.ts';
import { ActionDialog } from '../../../components/dialogs/action-dialog.tsx';
import { DateField } from '../../../components/fields/date-field.tsx';
import { isMachineId } from '../../../components/fields/machine-field.tsx';
import { DAY, dayText, exactTime } from '../../../components/time/format-time.ts';
import { dayOf, endOf, isDay } from '../../../components/time/local-day.ts';
import { MemberSelect } from '../../../organization/member-select.tsx';
import { MachinePicker } from '../machines/machine-picker.tsx';
import { affectedBy, productRef, useProduct } from '../use-product.ts';

interface IssueOfflineLicenseProps {
  onClose: () => void;
  /** Called with the new license. */
  onIssued: (license: OfflineLicense) => void;
}

export const IssueOfflineLicense = ({ onClose, onIssued }: IssueOfflineLicenseProps) => {
  const product = useProduct();
  const client = useClient();
  const [understood, setUnderstood] = useState(false);
  const [opened] = useState(Date.now);
  const [form, setForm] = useState({
    machineId: '',
    lastDay: '',
    description: '',
    userId: undefined as string | undefined,
    idempotencyKey: crypto.randomUUID() as string,
  });
  // Repeating an unchanged form returns the same license, also after a lost answer.
  const change = (part: Partial<typeof form>) => setForm({ ...form, ...part, idempotencyKey: crypto.randomUUID() });

  const { maxDays } = product.offline;
  const latest = Math.min(Date.parse(product.expiresAt), maxDays === null ? Infinity : opened + maxDays * DAY);
  const days = { first: dayOf(opened), last: dayOf(latest) };
  const outside = isDay(form.lastDay) && (form.lastDay < days.first || form.lastDay > days.last);
  const earlier = form.lastDay !== '' && endOf(form.lastDay) < latest;
  const issue = useAction({
    run: () =>
      client.issueOfflineLicense({
        ...productRef(product),
        idempotencyKey: form.idempotencyKey,
        machineId: form.machineId,
        expiresAt: earlier ? new Date(endOf(form.lastDay)).toISOString() : null,
        description: form.description.trim() || null,
        userId: form.userId ?? null,
      }),
    done: ({ fileName }) => `${fileName} was created.`,
    invalidates: affectedBy(product),
    inDialog: true,
    onSuccess: (license) => {
      onClose();
      onIssued(license);
    },
  });
  return (
    <ActionDialog
      header="Create an offline license"
      confirm="Create"
      action={issue}
      disabled={!isMachineId(form.machineId) || !understood || outside || (form.lastDay !== '' && !isDay(form.lastDay))}
      onDismiss={onClose}
    >
      <Alert type="warning" header="This can’t be undone">
        Until it expires, the license can be neither removed nor transferred, and its machine can’t be deactivated. It
        counts against the quota all that time.
      </Alert>
      <MachinePicker
        label="Machine ID"
        description="As the machine tells it. The file works on no other."
        value={form.machineId}
        onChange={(machineId) => change({ machineId })}
      />
      <FormField
        label="Last day - optional"
        description={`Without one, it expires as late as it may: ${exactTime(latest)}.`}
        constraintText="YYYY/MM/DD"
        errorText={outside ? `Choose a day from ${dayText(days.first)} to ${dayText(days.last)}.` : undefined}
      >
        <DateField
          value={form.lastDay}
          onChange={({ detail }) => change({ lastDay: detail.value })}
          isDateEnabled={(date) => date.getTime() > opened - DAY && date.getTime() < latest}
          openCalendarAriaLabel={(day) => (day ? `Choose a day, ${day} is chosen` : 'Choose a day')}
        />
      </FormField>
      <FormField label="Description - optional" description="For people to read: what it is for.">
        <Input value={form.description} onChange={({ detail }) => change({ description: detail.value })} />
      </FormField>
      <MemberSelect
        label="User - optional"
        description="The member who uses it, if it is for one."
        value={form.userId}
        onChange={(userId) => change({ userId })}
        noneLabel="For nobody in particular"
      />
      <Checkbox checked={understood} onChange={({ detail }) => setUnderstood(detail.checked)}>
        I understand that this can’t be undone
      </Checkbox>
    </ActionDialog>
  );
};
