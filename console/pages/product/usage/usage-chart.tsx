import Box from '@cloudscape-design/components/box';
import MixedLineBarChart from '@cloudscape-design/components/mixed-line-bar-chart';
import type { Usage } from '../../../../client/index.ts';
import type { List } from '../../../api/use-list.ts';
import { ProblemAlert } from '../../../components/problem.tsx';
import { duration } from '../../../components/time/format-time.ts';
import type { Granularity } from './report-range.ts';

const formats: Record<Granularity, Intl.DateTimeFormat> = {
  hour: new Intl.DateTimeFormat(undefined, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    timeZone: 'UTC',
  }),
  day: new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' }),
  month: new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric', timeZone: 'UTC' }),
};

interface OverTimeProps {
  list: List<Usage>;
  granularity: Granularity;
}

/** The common properties of the charts. */
const overTime = ({ list, granularity }: OverTimeProps) => ({
  hideFilter: true,
  statusType: list.loading ? ('loading' as const) : ('finished' as const),
  xScaleType: 'categorical' as const,
  xDomain: list.items.map(({ from }) => from),
  xTitle: 'Beginning, UTC',
  i18nStrings: { xTickFormatter: (from: string) => formats[granularity].format(Date.parse(from)) },
  empty: 'There is no data for this time. Choose another.',
});

const pointsOf = ({ items }: List<Usage>, value: (usage: Usage) => number) =>
  items.map((usage) => ({ x: usage.from, y: value(usage) }));

/** Peak and average use against the quota of that time. */
export const UsageChart = ({ list, granularity }: OverTimeProps) => {
  if (list.error && list.items.length === 0) return <ProblemAlert error={list.error} onRetry={list.refresh} />;
  const most = Math.max(1, ...list.items.map(({ peak, quota }) => Math.max(peak, quota)));
  return (
    <MixedLineBarChart
      {...overTime({ list, granularity })}
      ariaLabel="Licenses in use at most and on average, and the quota, over time"
      height={260}
      loadingText="Loading the usage"
      yDomain={[0, Math.ceil(most * 1.1)]}
      yTitle="Licenses"
      series={[
        { type: 'line', title: 'Most in use', data: pointsOf(list, ({ peak }) => peak) },
        { type: 'line', title: 'Average in use', data: pointsOf(list, ({ average }) => average) },
        { type: 'line', title: 'Quota', data: pointsOf(list, ({ quota }) => quota) },
      ]}
    />
  );
};

/** The refused sessions, on the time axis of the use. */
export const RefusalsChart = ({ list, granularity }: OverTimeProps) => {
  // The chart above says that it could not be loaded.
  if (list.error && list.items.length === 0) return null;
  if (!list.loading && list.items.every(({ refused }) => refused.licenseQuota + refused.machineQuota === 0))
    return <Box color="text-body-secondary">Nobody was refused in this time.</Box>;
  const most = Math.max(1, ...list.items.map(({ refused }) => refused.licenseQuota + refused.machineQuota));
  return (
    <MixedLineBarChart
      {...overTime({ list, granularity })}
      ariaLabel="Refused sessions over time"
      height={140}
      loadingText="Loading the refusals"
      yDomain={[0, Math.ceil(most * 1.1)]}
      yTitle="Refused sessions"
      stackedBars
      series={[
        { type: 'bar', title: 'By the license quota', data: pointsOf(list, ({ refused }) => refused.licenseQuota) },
        { type: 'bar', title: 'By the machine quota', data: pointsOf(list, ({ refused }) => refused.machineQuota) },
      ]}
    />
  );
};

/** The longest and the average wait for a license. */
export const WaitingChart = ({ list, granularity }: OverTimeProps) => {
  if (!list.loading && list.items.every(({ waited }) => waited.sessions === 0))
    return <Box color="text-body-secondary">Nobody waited for a license in this time.</Box>;
  const most = Math.max(1, ...list.items.map(({ waited }) => waited.longestSeconds ?? 0));
  const sessions = new Map(list.items.map(({ from, waited }) => [from, waited.sessions]));
  return (
    <MixedLineBarChart
      {...overTime({ list, granularity })}
      ariaLabel="The longest and the average wait for a license over time"
      height={180}
      loadingText="Loading the waiting times"
      yDomain={[0, Math.ceil(most * 1.1)]}
      yTitle="Wait"
      i18nStrings={{ ...overTime({ list, granularity }).i18nStrings, yTickFormatter: duration }}
      series={[
        { type: 'bar', title: 'Longest wait', data: pointsOf(list, ({ waited }) => waited.longestSeconds ?? 0) },
        { type: 'line', title: 'Average wait', data: pointsOf(list, ({ waited }) => waited.averageSeconds ?? 0) },
      ]}
      detailPopoverFooter={(from) => `${sessions.get(from) ?? 0} waited`}
    />
  );
};
