import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../shared/contracts/schemas/limits.ts';
import { rateOf, requestBuckets } from '../../shared/http/request-rate.ts';

const rate = { requestsPerSecond: 10, requestBurst: 3 };
const allowed = (take: ReturnType<typeof requestBuckets>, caller: string, count: number, now: number, of = rate) =>
  Array.from({ length: count }, () => take(caller, of, now)).filter((wait) => wait === undefined).length;

describe('the bucket of a caller', () => {
  it('lets a burst through, and then as many requests as the rate refills', () => {
    const take = requestBuckets();
    expect(allowed(take, 'a', 10, 0)).toBe(3);
    expect(allowed(take, 'a', 10, 99)).toBe(0);
    expect(allowed(take, 'a', 10, 200)).toBe(2);
    expect(allowed(take, 'a', 10, 60_000)).toBe(3);
  });
  it('is separate: the requests of one caller never cause the refusal of another', () => {
    const take = requestBuckets();
    expect(allowed(take, 'a', 10, 0)).toBe(3);
    expect(allowed(take, 'b', 10, 0)).toBe(3);
  });
  it('says in how many seconds to come back', () => {
    const take = requestBuckets();
    const slow = { requestsPerSecond: 1, requestBurst: 1 };
    expect(take('a', slow, 0)).toBeUndefined();
    expect(take('a', slow, 0)).toBe(1);
  });
  it('loses nothing if the clock goes back', () => {
    const take = requestBuckets();
    allowed(take, 'a', 3, 10_000);
    expect(allowed(take, 'a', 3, 0)).toBe(0);
    expect(allowed(take, 'a', 3, 1000)).toBe(3);
  });
  it('is dropped first if its caller has been silent for longest', () => {
    const take = requestBuckets(2);
    for (const caller of ['a', 'b', 'a', 'c']) allowed(take, caller, 3, 0);
    expect(allowed(take, 'a', 3, 0)).toBe(0);
    expect(allowed(take, 'b', 3, 0)).toBe(3);
  });
  it('by default has room for a thousand runners that start at once, and 10,000 heartbeating runners with one key', () => {
    const take = requestBuckets();
    expect(allowed(take, 'a', 1000, 0, defaultLimits)).toBe(1000);
    for (let second = 1; second <= 60; second++)
      expect(allowed(take, 'a', 250, second * 1000, defaultLimits)).toBe(250);
  });
});

describe('a request counts', () => {
  const key = { type: 'api-key', keyId: 'k', userId: 'u', organizationId: 'o', role: 'user', scope: 'full' } as const;
  it('for its API key, with the rate that the vendor set', () => {
    expect(rateOf(key, '1.2.3.4')).toMatchObject({ caller: 'api-key#k', rate: { requestsPerSecond: 500 } });
    expect(rateOf({ ...key, rate: { requestsPerSecond: 7 } }, undefined).rate).toMatchObject({
      requestsPerSecond: 7,
      requestBurst: 2000,
    });
  });
  it('for its IP address, if it has no valid credential', () => {
    expect(rateOf({ type: 'nobody' }, '1.2.3.4')).toMatchObject({
      caller: 'address#1.2.3.4',
      rate: { requestsPerSecond: 100 },
    });
  });
});
