import type { APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import { invoke, type LambdaFunction } from '../lambda/invoke-lambda.ts';
import { type AuthorizerContext, authorizerEvent, type ProxyEvent } from './proxy-event.ts';

/** How long a revoked credential may still work, as on AWS. */
const CACHE_MS = 30_000;
const MAX_ENTRIES = 1_000;

export type AuthorizerResult = { isAuthorized: boolean; context: AuthorizerContext };

/** Calls the authorizer, and caches its answer per credential as API Gateway does. */
export const createAuthorizerCache = (authorizer: LambdaFunction, clock: () => number = Date.now) => {
  // A Map iterates in the order of insertion: its first entry is the least recently used.
  const cache = new Map<string, { result: Promise<AuthorizerResult>; until: number }>();

  return async (event: ProxyEvent, credential: string): Promise<AuthorizerResult> => {
    let entry = cache.get(credential);
    cache.delete(credential);
    if (!entry || entry.until <= clock()) {
      const pending = invoke<APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>>(
        authorizer,
        authorizerEvent(event, credential),
      );
      entry = { result: pending, until: clock() + CACHE_MS };
      // Do not cache a failure.
      pending.catch(() => cache.delete(credential));
    }
    cache.set(credential, entry);
    if (cache.size > MAX_ENTRIES) cache.delete(cache.keys().next().value!);
    return entry.result;
  };
};
