import MixedLineBarChart from '@cloudscape-design/components/mixed-line-bar-chart';
import type { Usage } from '../../../client/index.ts';
import { ProblemAlert } from '../../parts/problem.tsx';
import type { List } from '../../service/use-list.ts';
import type { Granularity } from './report-range.ts';

const formats: Record<Granularity, Intl.DateTimeFormat> = {
  hour: new Intl.DateTimeFormat('en', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
  }),
  day: new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' }),
  month: new Intl.DateTimeFormat('en', { month: 'short', year: 'numeric', timeZone: 'UTC' }),
};

interface UsageChartProps {
  list: List<Usage>;
  granularity: Granularity;
  quota: number;
}

/** The most and the average that was in use, against the quota, and what was refused. */
export const UsageChart = ({ list, granularity, quota }: UsageChartProps) => {
  if (list.error && list.items.length === 0) return <ProblemAlert error={list.error} onRetry={list.refresh} />;
  const data = (value: (usage: Usage) => number) => list.items.map((usage) => ({ x: usage.from, y: value(usage) }));
  const most = Math.max(quota, 1, ...list.items.map(({ peak, refused }) => Math.max(peak, refusals(refused))));
  return (
    <MixedLineBarChart
      ariaLabel="Licenses in use at most and on average, and refusals, over time"
      height={260}
      hideFilter
      statusType={list.loading ? 'loading' : 'finished'}
      loadingText="Loading the usage"
      xScaleType="categorical"
      xDomain={list.items.map(({ from }) => from)}
      yDomain={[0, Math.ceil(most * 1.1)]}
      xTitle="Beginning, UTC"
      yTitle="Licenses"
      i18nStrings={{ xTickFormatter: (from) => formats[granularity].format(Date.parse(from)) }}
      series={[
        { type: 'bar', title: 'Refused', data: data(({ refused }) => refusals(refused)) },
        { type: 'line', title: 'Most in use', data: data(({ peak }) => peak) },
        { type: 'line', title: 'Average in use', data: data(({ average }) => average) },
        { type: 'threshold', title: 'Quota now', y: quota },
      ]}
      empty="Nothing is known of this time. Choose another."
    />
  );
};

const refusals = ({ licenseQuota, machineQuota }: Usage['refused']) => licenseQuota + machineQuota;
