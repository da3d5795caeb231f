import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { PartialFailure } from '../api/partial-failure.ts';
import { reasonOf, remedyOf, requestIdOf, titleOf } from '../api/problem-text.ts';
import { Copyable } from './copyable.tsx';
import { clockTime } from './time/format-time.ts';

/** Shows why something failed, what to do, and the request ID to quote for help. */
export const ProblemText = ({ error, attempted = false }: { error: unknown; attempted?: boolean }) => {
  if (error instanceof PartialFailure)
    return (
      <>
        {error.failures.length < error.total && 'The other items are done.'}
        <ul>
          {error.failures.map((failure) => (
            <li key={failure.name}>
              {failure.name}: {titleOf(failure.error)}. <ProblemText error={failure.error} attempted={attempted} />
            </li>
          ))}
        </ul>
      </>
    );
  const requestId = requestIdOf(error);
  return (
    <>
      {reasonOf(error)} {remedyOf(error, attempted)}
      {requestId && (
        <>
          {' '}
          If it keeps failing, tell us the request ID: <Copyable text={requestId} name="request ID" />
        </>
      )}
    </>
  );
};

/** Replaces a part of the page that can't be loaded. */
export const ProblemAlert = ({ error, onRetry }: { error: unknown; onRetry: () => void }) => (
  <Alert type="error" header={titleOf(error)} action={<Button onClick={onRetry}>Try again</Button>}>
    <ProblemText error={error} />
  </Alert>
);

/** Warns that a part of the page is outdated since the service does not answer. `since`: epoch ms. */
export const Outdated = ({ error, since, onRetry }: { error: unknown; since: number; onRetry: () => void }) => (
  <Alert type="warning" header={titleOf(error)} action={<Button onClick={onRetry}>Try again</Button>}>
    What you see is from {clockTime(since)}. <ProblemText error={error} />
  </Alert>
);
