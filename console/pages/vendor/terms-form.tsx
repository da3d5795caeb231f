import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import type { Product, Subscription } from '../../../client/index.ts';
import { DateField } from '../../components/fields/date-field.tsx';
import { NumberField } from '../../components/fields/number-field.tsx';
import { exactTime } from '../../components/time/format-time.ts';
import { isDay } from '../../components/time/local-day.ts';
import { ConfirmTerms } from './confirm-terms.tsx';
import { FieldsOfUse } from './fields-of-use.tsx';
import { LicenseTypeField } from './license-type-field.tsx';
import {
  isComplete,
  LONGEST_NAME,
  LONGEST_NOTE,
  ranges,
  type TermsInput,
  termsInputOf,
  termsOf,
} from './terms-form-state.ts';

interface TermsFormProps {
  of: Pick<Subscription, 'organizationId' | 'product'>;
  /** The current subscription; undefined for a new one. */
  subscription: Subscription | undefined;
  /** The product of the catalogue that a new one is of. */
  offered?: Product | undefined;
}

const typeText = (subscription: Subscription | undefined, offered: Product | undefined) => {
  if (subscription) return 'It stays what it was sold as.';
  return offered ? 'As the catalogue has it. It can’t be changed later.' : 'It can’t be changed later.';
};

/** The terms of a subscription: to sell it, and to renew, resize, suspend or resume it. */
const TermsForm = ({ of, subscription, offered }: TermsFormProps) => {
  // Unedited fields follow the service, where somebody else may change them meanwhile.
  const [edited, setEdited] = useState<Partial<TermsInput>>({});
  const [tried, setTried] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const [now] = useState(Date.now);
  const offer = offered && { product: offered, trial: edited.trial ?? false, now };
  const inputFrom = (current: Subscription | undefined): TermsInput => ({ ...termsInputOf(current, offer), ...edited });
  const input = inputFrom(subscription);
  const termsFrom = (current: Subscription | undefined) => termsOf(inputFrom(current), of.product, current);
  const change = (part: Partial<TermsInput>) => setEdited({ ...edited, ...part });
  const startAgain = () => {
    setEdited({});
    setTried(false);
  };
  const review = () => {
    setTried(true);
    setConfirming(isComplete(input));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        review();
      }}
    >
      <Form
        errorText={
          tried && !isComplete(input) ? 'Some of it is missing or out of range: look at each field.' : undefined
        }
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button formAction="none" variant="link" disabled={Object.keys(edited).length === 0} onClick={startAgain}>
              Start again
            </Button>
            <Button variant="primary">Review</Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          <Container header={<Header variant="h2">What is sold</Header>}>
            <ColumnLayout columns={2}>
              <LicenseTypeField
                description={typeText(subscription, offered)}
                value={input.licenseType}
                onChange={(licenseType) => change({ licenseType })}
                disabled={Boolean(subscription ?? offered)}
              />
              <FormField
                label="Product name - optional"
                description={`As people call it. Without one it is called ${of.product}.`}
                errorText={
                  input.productName.trim().length > LONGEST_NAME ? `At most ${LONGEST_NAME} characters.` : undefined
                }
              >
                <Input
                  value={input.productName}
                  onChange={({ detail }) => change({ productName: detail.value })}
                  spellcheck={false}
                />
              </FormField>
              <NumberField
                label="Licenses"
                description="The quota: how many can be used at once, online and offline together."
                value={input.quota}
                onChange={(quota) => change({ quota })}
                range={ranges.quota}
                tried={tried}
              />
              <NumberField
                label="Machine quota"
                description="On how many machines at most."
                value={input.machineQuota}
                onChange={(machineQuota) => change({ machineQuota })}
                range={ranges.machineQuota}
                empty="Empty: as many as licenses."
              />
              <FormField
                label="Last day"
                description={
                  isDay(input.lastDay)
                    ? `It expires on ${exactTime(Date.parse(termsFrom(subscription).expiresAt))}, your time.`
                    : 'It expires at the end of that day in your time zone.'
                }
                constraintText="YYYY/MM/DD"
                errorText={tried && !isDay(input.lastDay) ? 'Choose the day on which it ends.' : undefined}
              >
                <DateField
                  value={input.lastDay}
                  onChange={({ detail }) => change({ lastDay: detail.value })}
                  openCalendarAriaLabel={(day) => (day ? `Choose a day, ${day} is chosen` : 'Choose a day')}
                />
              </FormField>
              <FormField label="Status">
                <Checkbox
                  checked={input.suspended}
                  onChange={({ detail }) => change({ suspended: detail.checked })}
                  description="Nobody can activate a license, and what runs online ends at its next heartbeat."
                >
                  Suspended
                </Checkbox>
                <Checkbox
                  checked={input.trial}
                  onChange={({ detail }) => change({ trial: detail.checked })}
                  description="It ends by itself, and the mails say so."
                >
                  Trial
                </Checkbox>
              </FormField>
            </ColumnLayout>
          </Container>
          <Container header={<Header variant="h2">How it is used</Header>}>
            <FieldsOfUse input={input} change={change} tried={tried} />
          </Container>
          <Container>
            <FormField
              label="Note - optional"
              stretch
              description="For the vendor alone: no member sees it."
              errorText={input.note.trim().length > LONGEST_NOTE ? `At most ${LONGEST_NOTE} characters.` : undefined}
            >
              <Textarea value={input.note} rows={3} onChange={({ detail }) => change({ note: detail.value })} />
            </FormField>
          </Container>
        </SpaceBetween>
      </Form>
      {confirming && (
        <ConfirmTerms
          of={of}
          before={subscription}
          termsFrom={termsFrom}
          onClose={() => setConfirming(false)}
          onDone={startAgain}
        />
      )}
    </form>
  );
};

export default TermsForm;
