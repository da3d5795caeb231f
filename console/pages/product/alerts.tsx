import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Alerts as AlertsOfProduct } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useAction } from '../../api/use-action.ts';
import { Loading } from '../../components/loading.tsx';
import { ProblemAlert } from '../../components/problem.tsx';
import { Status } from '../../components/status.tsx';
import { exactTime } from '../../components/time/format-time.ts';
import { productKey, productRef, useProduct } from './use-product.ts';

type AlertTerms = Omit<AlertsOfProduct, 'useRaisedAt' | 'waitRaisedAt'>;

const percents = [null, 80, 90, 100] as const;
const useMinutes = [1, 5, 15, 30, 60];
const waitMinutes = [null, 1, 5, 10, 30, 60];

interface ChoiceProps<T> {
  label: string;
  value: T;
  options: readonly T[];
  textOf: (value: T) => string;
  onChange: (value: T) => void;
}

const Choice = <T,>({ label, value, options, textOf, onChange }: ChoiceProps<T>) => {
  const all = options.includes(value) ? options : [...options, value];
  return (
    <FormField label={label}>
      <Select
        selectedOption={{ value: String(value), label: textOf(value) }}
        options={all.map((option) => ({ value: String(option), label: textOf(option) }))}
        onChange={({ detail }) => {
          const chosen = all.find((option) => String(option) === detail.selectedOption.value);
          if (chosen !== undefined) onChange(chosen);
        }}
      />
    </FormField>
  );
};

/** The alerts of a product: whom they reach, when, and a test. */
const Alerts = () => {
  const product = useProduct();
  const client = useClient();
  const queries = useQueryClient();
  const key = productKey(product, 'alerts');
  const { data, error, refetch } = useQuery({ queryKey: key, queryFn: () => client.getAlerts(productRef(product)) });
  const [changed, setChanged] = useState<Partial<AlertTerms>>({});
  const save = useAction({
    run: (terms: AlertTerms) => client.setAlerts({ ...productRef(product), ...terms }),
    done: () => 'The alerts are set.',
    invalidates: [key],
    onSuccess: (alerts) => {
      queries.setQueryData(key, alerts);
      setChanged({});
    },
  });
  const test = useAction({
    run: () => client.testAlerts(productRef(product)),
    done: () => 'A test alert is on the way to each owner and admin, and to the webhooks.',
    invalidates: [],
  });
  if (!data)
    return error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <Loading text="Loading alerts" />;
  const { useRaisedAt: _, waitRaisedAt: __, ...known } = data;
  const terms = { ...known, ...changed };
  const change = (part: Partial<AlertTerms>) => setChanged({ ...changed, ...part });
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Each owner and admin gets a mail, and webhooks get the event alert.raised. Mails tell of the end of a subscription 30 days, 7 days and 1 day before."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button loading={test.running} onClick={() => test.run()}>
                Send test alert
              </Button>
              <Button
                variant="primary"
                disabled={Object.keys(changed).length === 0}
                loading={save.running}
                onClick={() => save.run(terms)}
              >
                Save alerts
              </Button>
            </SpaceBetween>
          }
        >
          Alerts
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ColumnLayout columns={3} minColumnWidth={170}>
          <Choice
            label="When in use"
            value={terms.usePercent}
            options={percents}
            textOf={(value) => (value === null ? 'Never' : `${value} % of the licenses`)}
            onChange={(usePercent) => change({ usePercent })}
          />
          <Choice
            label="For at least"
            value={terms.useMinutes}
            options={useMinutes}
            textOf={(value) => `${value} min`}
            onChange={(chosen) => change({ useMinutes: chosen })}
          />
          <Choice
            label="When somebody has waited"
            value={terms.waitMinutes}
            options={waitMinutes}
            textOf={(value) => (value === null ? 'Never' : `${value} min`)}
            onChange={(chosen) => change({ waitMinutes: chosen })}
          />
        </ColumnLayout>
        <Raised {...data} />
      </SpaceBetween>
    </Container>
  );
};

/** The alerts that are raised now. */
const Raised = ({ useRaisedAt, waitRaisedAt }: AlertsOfProduct) => (
  <>
    {useRaisedAt && <Status type="warning">Use too high since {exactTime(Date.parse(useRaisedAt))}</Status>}
    {waitRaisedAt && <Status type="warning">Wait too long since {exactTime(Date.parse(waitRaisedAt))}</Status>}
    {!useRaisedAt && !waitRaisedAt && <Status type="success">No alert is raised now</Status>}
  </>
);

export default Alerts;
