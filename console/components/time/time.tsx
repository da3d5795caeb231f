import Box from '@cloudscape-design/components/box';
import { exactTime, preciseTime, relativeTime } from './format-time.ts';
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
