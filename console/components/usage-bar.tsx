import ProgressBar from '@cloudscape-design/components/progress-bar';
import { Status } from './status.tsx';

/** Colours with a contrast of 3:1 to the page, light and dark. */
const colors = { nearly: '#b8860b', full: '#db3030' };

/** From this part of a quota on, the bar warns. */
const NEARLY_FULL = 0.8;

/** Shows the used part of a quota, with a colour and a word from 80 % and at 100 %. `of` is the noun: "KRE licenses". */
export const UsageBar = ({ used, quota, of }: { used: number; quota: number; of: string }) => {
  const part = quota === 0 ? Number(used > 0) : used / quota;
  const level = part >= 1 ? 'full' : part >= NEARLY_FULL ? 'nearly' : undefined;
  return (
    <ProgressBar
      value={Math.min(100, part * 100)}
      ariaLabel={`${of} in use`}
      additionalInfo={
        <>
          {`${used.toLocaleString('en')} of ${quota.toLocaleString('en')} used `}
          {level === 'nearly' && <Status type="warning">Nearly all in use</Status>}
          {level === 'full' && <Status type="error">All in use</Status>}
        </>
      }
      style={level && { progressValue: { backgroundColor: colors[level] } }}
    />
  );
};
