import Box from '@cloudscape-design/components/box';
import { briefTime, exactTime, preciseTime, relativeTime } from './format-time.ts';
import { useNow } from './use-now.ts';

/** A time, exact and relative to now. `at` is as the service tells it: ISO 8601. */
export const Time = ({ at }: { at: string }) => {
  const now = useNow();
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={preciseTime(time)}>
      {exactTime(time)}
      <Box variant="small" display="block" color="text-body-secondary">
        {relativeTime(time, now)}
      </Box>
    </time>
  );
};

/** How far a time is from now. The tooltip has the time. */
export const Ago = ({ at }: { at: string }) => {
  const now = useNow();
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={preciseTime(time)}>
      {relativeTime(time, now, 'narrow')}
    </time>
  );
};

/** A time in the one line of a row. The tooltip has the year and the second. */
export const TimeInLine = ({ at }: { at: string }) => {
  const now = useNow();
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={preciseTime(time)}>
      {briefTime(time, now)}{' '}
      <Box variant="span" color="text-body-secondary">
        {relativeTime(time, now, 'narrow')}
      </Box>
    </time>
  );
};
