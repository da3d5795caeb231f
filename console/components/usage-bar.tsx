import ProgressBar from '@cloudscape-design/components/progress-bar';

/** How much of a quota is used. `of` says of what: "KRE licenses". */
export const UsageBar = ({ used, quota, of }: { used: number; quota: number; of: string }) => (
  <ProgressBar
    value={quota === 0 ? 100 : Math.min(100, (used / quota) * 100)}
    ariaLabel={`${of} in use`}
    additionalInfo={`${used.toLocaleString('en')} of ${quota.toLocaleString('en')} used`}
  />
);
