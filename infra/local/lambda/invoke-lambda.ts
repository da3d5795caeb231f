import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { withOwnInvokeStore } from './concurrency.ts';

/** A function as Lambda sees it. */
export interface LambdaFunction {
  name: string;
  handler: (event: never, context: Context) => unknown;
  timeLimitMs: number;
}

/** A function took longer than its time limit. */
export class TimeLimitExceeded extends Error {
  override readonly name = 'TimeLimitExceeded';
}

/**
 * Invokes a function as Lambda does: with event and answer as JSON, and a time limit. Unlike on Lambda, a late function runs
 * on; only the caller stops waiting.
 *
 * @throws TimeLimitExceeded, or the function's error
 */
export const invoke = async <Answer>(invoked: LambdaFunction, event: object): Promise<Answer> => {
  const requestId = randomUUID();
  const deadline = Date.now() + invoked.timeLimitMs;
  const context: Context = {
    awsRequestId: requestId,
    functionName: invoked.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${invoked.name}`,
    memoryLimitInMB: '1024',
    logGroupName: `/aws/lambda/${invoked.name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
  let timer: NodeJS.Timeout | undefined;
  const overrun = new Promise<never>((_, reject) => {
    const message = `${invoked.name} took longer than ${invoked.timeLimitMs} ms (request ${requestId})`;
    timer = setTimeout(() => reject(new TimeLimitExceeded(message)), invoked.timeLimitMs);
  });
  try {
    const running = withOwnInvokeStore(() => invoked.handler(structuredClone(event) as never, context));
    const answer = await Promise.race([running, overrun]);
    return answer === undefined ? (undefined as Answer) : (JSON.parse(JSON.stringify(answer)) as Answer);
  } finally {
    clearTimeout(timer);
  }
};
