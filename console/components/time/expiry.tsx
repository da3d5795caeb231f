import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { DAY } from './format-time.ts';
import { Time } from './time.tsx';
import { useNow } from './use-now.ts';

/** From then on its owners and admins are told by the service, too. */
const WARNED_DAYS = 30;

/** When a subscription ends: with a warning when that is near, and as an error when it is past. */
export const Expiry = ({ at }: { at: string }) => {
  const left = Date.parse(at) - useNow();
  if (left > WARNED_DAYS * DAY) return <Time at={at} />;
  return (
    <StatusIndicator type={left > 0 ? 'warning' : 'error'} iconAriaLabel={left > 0 ? 'Ends soon' : 'Has ended'}>
      <Time at={at} />
    </StatusIndicator>
  );
};
