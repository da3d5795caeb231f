import ProgressBar from '@cloudscape-design/components/progress-bar';

/** Shows the used part of a quota. `of` is the noun: "KRE licenses". */
export const UsageBar = ({ used, quota, of }: { used: number; quota: number; of: string }) => (
  <ProgressBar
    value={quota === 0 ? 100 : Math.min(100, (used / quota) * 100)}
    ariaLabel={`${of} in use`}
    additionalInfo={`${used.toLocaleString('en')} of ${quota.toLocaleString('en')} used`}
  />
);
