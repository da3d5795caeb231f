import type { APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import { invoke, type LambdaFunction } from '../lambda/invoke-lambda.ts';
import { type AuthorizerContext, authorizerEvent, type ProxyEvent } from './proxy-event.ts';

const MAX_ENTRIES = 1_000;

export type AuthorizerResult = { isAuthorized: boolean; context: AuthorizerContext };

/**
 * Calls the authorizer, and caches its answer per credential as API Gateway does: routes that keep answers equally long share a
 * cache.
 */
export const createAuthorizerCache = (authorizer: LambdaFunction, clock: () => number = Date.now) => {
  // A Map iterates in the order of insertion: its first entry is the least recently used.
  const caches = new Map<number, Map<string, { result: Promise<AuthorizerResult>; until: number }>>();

  return async (event: ProxyEvent, credential: string, seconds: number): Promise<AuthorizerResult> => {
    const cache = caches.get(seconds) ?? new Map();
    caches.set(seconds, cache);
    let entry = cache.get(credential);
    cache.delete(credential);
    if (!entry || entry.until <= clock()) {
      const pending = invoke<APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>>(
        authorizer,
        authorizerEvent(event, credential),
      );
      entry = { result: pending, until: clock() + seconds * 1000 };
      // Do not cache a failure.
      pending.catch(() => cache.delete(credential));
    }
    cache.set(credential, entry);
    if (cache.size > MAX_ENTRIES) cache.delete(cache.keys().next().value!);
    return entry.result;
  };
};
