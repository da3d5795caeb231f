import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * How many invocations run at once. One process in front of one DynamoDB Local does not get faster by more: time-outs
 * that are right on AWS would only hit them. What comes on top waits.
 */
export const MAX_CONCURRENCY = 16;

const invocations = new AsyncLocalStorage<Record<PropertyKey, unknown>>();

/**
 * Keeps what Powertools remembers of an invocation (log keys, metrics) apart from the others' that run at the same time:
 * the store that Lambda's own runtime provides where it runs several in one process. Powertools uses it if
 * `AWS_LAMBDA_MAX_CONCURRENCY` is set.
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
