import { Status } from '../status.tsx';
import { DAY } from './format-time.ts';
import { Time, TimeInLine } from './time.tsx';
import { useNow } from './use-now.ts';

/** The service also mails owners and admins from this time on. */
const WARNED_DAYS = 30;

/** Returns whether a subscription ends within the time in which the service warns of it. `now`: epoch ms. */
export const isEndNear = (at: string, now: number): boolean => Date.parse(at) - now <= WARNED_DAYS * DAY;

/** Shows the end of a subscription: with a warning when it is near, as an error when it is past. `inLine`: on one line. */
export const Expiry = ({ at, inLine = false }: { at: string; inLine?: boolean }) => {
  const now = useNow();
  const left = Date.parse(at) - now;
  const time = inLine ? <TimeInLine at={at} /> : <Time at={at} />;
  if (!isEndNear(at, now)) return time;
  return (
    <Status type={left > 0 ? 'warning' : 'error'} iconAriaLabel={left > 0 ? 'Ends soon' : 'Has ended'}>
      {time}
    </Status>
  );
};
