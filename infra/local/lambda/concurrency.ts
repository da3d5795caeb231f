import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The most invocations at once; others wait. More would not make one process with one DynamoDB Local faster, but would run into
 * time limits.
 */
export const MAX_CONCURRENCY = 16;

const invocations = new AsyncLocalStorage<Record<PropertyKey, unknown>>();

/**
 * Separates Powertools' state (log keys, metrics) of concurrent invocations: the store that Lambda's runtime provides where it
 * runs several in one process. Powertools uses the store if `AWS_LAMBDA_MAX_CONCURRENCY` is set.
 */
export const withOwnInvokeStore = <T>(work: () => T): T => invocations.run({}, work);

Object.assign(globalThis, {
  awslambda: {
    InvokeStore: {
      get: (key: PropertyKey) => invocations.getStore()?.[key],
      set: (key: PropertyKey, value: unknown) => {
        const store = invocations.getStore();
        if (store) store[key] = value;
      },
      getXRayTraceId: () => undefined,
    },
  },
});
