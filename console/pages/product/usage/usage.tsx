import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Usage as UsageInterval } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { useAction } from '../../../api/use-action.ts';
import { useList } from '../../../api/use-list.ts';
import { DateField } from '../../../components/fields/date-field.tsx';
import { useUrlState } from '../../../components/list/use-url-state.ts';
import { saveFile } from '../../../components/save-file.ts';
import { isDay } from '../../../components/time/local-day.ts';
import { useToday } from '../../../components/time/use-now.ts';
import { useOrganization } from '../../../organization/organization.tsx';
import { productKey, productRef, useProduct } from '../use-product.ts';
import { type Granularity, granularities, type ReportRange, reportFile, usualRange } from './report-range.ts';
import { Sessions } from './sessions.tsx';
import { RefusalsChart, UsageChart, WaitingChart } from './usage-chart.tsx';

const intervals: Record<Granularity, string> = { hour: 'By hour', day: 'By day', month: 'By month' };

/** The fewest intervals of a chart. */
const FEWEST = 7;

/** Leaves out the intervals before the first use, as nothing was there to see. */
const sinceFirstUse = (items: readonly UsageInterval[]): readonly UsageInterval[] => {
  const first = items.findIndex(({ peak, refused }) => peak + refused.licenseQuota + refused.machineQuota > 0);
  return items.slice(Math.max(0, Math.min(first, items.length - FEWEST)));
};

/** Use and refusals over time, and the sessions behind them. */
const Usage = () => {
  const product = useProduct();
  const organization = useOrganization();
  const client = useClient();
  const url = useUrlState();
  const granularity = granularities.find((one) => one === url.get('by')) ?? 'day';
  const usual = usualRange(granularity, useToday());
  const [typed, setTyped] = useState<Partial<ReportRange>>({});
  const range = { from: url.get('from') ?? usual.from, to: url.get('to') ?? usual.to };
  const setDay = (end: keyof ReportRange, day: string) => {
    // The report stays while a day is incomplete.
    setTyped({ ...typed, [end]: isDay(day) ? undefined : day });
    if (isDay(day)) url.set({ [end]: day, page: undefined });
  };
  const filters = { ...productRef(product), ...range };
  const list = useList(
    [...productKey(product, 'usage'), range, granularity],
    (query) => client.getUsage({ ...filters, granularity, ...query }),
    { loadAll: true },
  );
  const shown = { ...list, items: sinceFirstUse(list.items) };
  const download = useAction({
    run: async () => {
      const pieces = await Array.fromAsync(client.getUsageCsv({ ...filters, granularity }));
      saveFile(reportFile('License Usage', organization, range), pieces, 'text/csv');
    },
    done: () => 'The report was downloaded.',
    invalidates: [],
  });
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description="Days and hours are in UTC. What happened appears some seconds later."
            actions={
              <Button iconName="download" loading={download.running} onClick={() => download.run()}>
                Download usage as CSV
              </Button>
            }
          >
            Use over time
          </Header>
        }
      >
        <SpaceBetween size="m">
          <ColumnLayout columns={3} minColumnWidth={170}>
            <FormField label="Intervals">
              <Select
                selectedOption={{ value: granularity, label: intervals[granularity] }}
                options={granularities.map((value) => ({ value, label: intervals[value] }))}
                onChange={({ detail }) => {
                  setTyped({});
                  url.set({ by: detail.selectedOption.value, from: undefined, to: undefined, page: undefined });
                }}
              />
            </FormField>
            <FormField label="From">
              <DateField
                value={typed.from ?? range.from}
                onChange={({ detail }) => setDay('from', detail.value)}
                openCalendarAriaLabel={() => 'Choose the first day'}
              />
            </FormField>
            <FormField label="Until">
              <DateField
                value={typed.to ?? range.to}
                onChange={({ detail }) => setDay('to', detail.value)}
                openCalendarAriaLabel={() => 'Choose the last day'}
              />
            </FormField>
          </ColumnLayout>
          <UsageChart list={shown} granularity={granularity} />
          <RefusalsChart list={shown} granularity={granularity} />
        </SpaceBetween>
      </Container>
      {list.items.length > 0 && (
        <Container header={<Header variant="h2">Waiting for a license</Header>}>
          <WaitingChart list={shown} granularity={granularity} />
        </Container>
      )}
      <Sessions range={range} />
    </SpaceBetween>
  );
};

export default Usage;
