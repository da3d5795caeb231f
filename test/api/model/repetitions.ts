import fc from 'fast-check';
import type { Operation } from '../../../shared/contracts/operation.ts';
import type { Json } from '../support/harness.ts';
import { type Me, which } from './call.ts';
import { type Keyed, type Organization, pick } from './state.ts';

/** Draws an `Idempotency-Key`, or none. `isAgain`: with the body of an earlier request that had the key. */
export const someKey = fc.record({
  key: fc.constantFrom(undefined, 'idempotency-key-1', 'idempotency-key-1', 'idempotency-key-2'),
  isAgain: fc.constantFrom(true, true, false),
  n: which,
});
type SomeKey = typeof someKey extends fc.Arbitrary<infer T> ? T : never;

/**
 * Plans a request that may have an `Idempotency-Key`: perhaps the repetition of an earlier one, mostly by the same user. Another
 * user's request with the same key is a request of its own.
 *
 * @param place the thing that the path names, beside the organization
 */
export const keyed = <B extends object>(
  { requests }: Organization,
  operation: Operation,
  place: string,
  { key, isAgain, n }: SomeKey,
  body: B,
) => {
  const earlier = requests.filter(
    (one) => one.operation === operation.name && one.place === place && one.key === key,
  ) as Keyed<B>[];
  const like = isAgain ? pick(earlier, n) : undefined;
  const sent = like?.body ?? body;
  return {
    body: sent,
    asked: { body: sent, repeats: like?.by, ...(key !== undefined && { headers: { 'idempotency-key': key } }) },
    /** Returns the request of this caller that had the key before. */
    before: ({ userId }: Me): Keyed<B> | undefined => earlier.find(({ by }) => by === userId),
    /** Notes what the request made. */
    note: ({ id }: Json, { userId: by }: Me): void => {
      if (key !== undefined) requests.push({ operation: operation.name, place, key, by, body: sent, id });
    },
  };
};

export const isSame = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other);
