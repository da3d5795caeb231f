import type { APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import { invoke, type LambdaFunction } from '../lambda/invoke-lambda.ts';
import { type AuthorizerContext, authorizerEvent, type ProxyEvent } from './proxy-event.ts';

/** As long as on AWS: a revoked credential goes on working for this long. */
const KEEP_MS = 30_000;
const KEEP_AT_MOST = 1_000;

export type Verdict = { isAuthorized: boolean; context: AuthorizerContext };

/** Asks the authorizer, and keeps its answer per credential as API Gateway does. */
export const createAuthorization = (authorizer: LambdaFunction, clock: () => number = Date.now) => {
  // A Map iterates in the order of insertion: its first entry is the one that was not used for longest.
  const kept = new Map<string, { verdict: Promise<Verdict>; until: number }>();

  return async (event: ProxyEvent, credential: string): Promise<Verdict> => {
    let entry = kept.get(credential);
    kept.delete(credential);
    if (!entry || entry.until <= clock()) {
      const asked = invoke<APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>>(
        authorizer,
        authorizerEvent(event, credential),
      );
      entry = { verdict: asked, until: clock() + KEEP_MS };
      // A failure is nobody's verdict.
      asked.catch(() => kept.delete(credential));
    }
    kept.set(credential, entry);
    if (kept.size > KEEP_AT_MOST) kept.delete(kept.keys().next().value!);
    return entry.verdict;
  };
};
