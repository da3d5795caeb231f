import { describe, expect, it } from 'vitest';
import { isWatched, judged, noAlerts, pauseOf, raisedAlert } from '../../../shared/domain/outbox/alert.ts';

const minute = 60_000;
const terms = { usePercent: 90, useMinutes: 5, waitMinutes: 10 } as const;
const calm = { used: 8, quota: 10, waitSeconds: null };
const high = { ...calm, used: 9 };

describe('an alert of the use', () => {
  it('is raised once the use has been at the threshold for so long, stays, and ends with its cause', () => {
    const since = judged(terms, high, 0);
    expect(since).toEqual({ useSince: 0 });
    expect(judged({ ...terms, state: since }, high, 4 * minute)).toEqual({ useSince: 0 });
    const raised = judged({ ...terms, state: since }, high, 5 * minute);
    expect(raised.use).toEqual({ at: 5 * minute, used: 9, quota: 10, waitedMinutes: 0 });
    expect(judged({ ...terms, state: raised }, { ...high, used: 10 }, 9 * minute)).toEqual(raised);
    expect(judged({ ...terms, state: raised }, calm, 10 * minute)).toEqual({});
  });
  it('begins anew after the use fell below the threshold', () => {
    const since = judged({ ...terms, state: judged(terms, high, 0) }, calm, 3 * minute);
    expect(judged({ ...terms, state: since }, high, 4 * minute)).toEqual({ useSince: 4 * minute });
  });
  it.each([
    ['never without a threshold', { ...terms, usePercent: null }, { ...high, used: 10 }],
    ['never without a quota', terms, { ...high, used: 0, quota: 0 }],
  ])('is raised %s', (_, of, figures) => {
    expect(judged({ ...of, state: { useSince: 0 } }, figures, 60 * minute)).toEqual({});
  });
});

describe('an alert of the wait', () => {
  it('is raised once the first of the queue has waited so long, until nobody waits so long', () => {
    expect(judged(terms, { ...calm, waitSeconds: 599 }, 0)).toEqual({});
    const raised = judged(terms, { ...calm, waitSeconds: 660 }, 0);
    expect(raised).toEqual({ wait: { at: 0, used: 8, quota: 10, waitedMinutes: 11 } });
    expect(judged({ ...terms, state: raised }, { ...calm, waitSeconds: 700 }, minute)).toEqual(raised);
    expect(judged({ ...terms, state: raised }, calm, minute)).toEqual({});
  });
  it('is raised at the very minute, and never without a threshold or a queue', () => {
    expect(judged(terms, { ...calm, waitSeconds: 600 }, 0)).toHaveProperty('wait.waitedMinutes', 10);
    expect(judged({ ...terms, waitMinutes: null }, { ...calm, waitSeconds: 9000 }, 0)).toStrictEqual({});
    expect(judged(terms, calm, 0)).toStrictEqual({});
  });
  it('follows an alert of the use at the next look: each has a mail and an event of its own', () => {
    const first = judged({ ...terms, state: { useSince: 0 } }, { ...high, waitSeconds: 660 }, 5 * minute);
    expect(Object.keys(first)).toEqual(['useSince', 'use']);
    const second = judged({ ...terms, state: first }, { ...high, waitSeconds: 720 }, 6 * minute);
    expect(Object.keys(second)).toEqual(['useSince', 'use', 'wait']);
  });
});

it.each([
  [10, 1],
  [1000, 1],
  [1001, 2],
  [100_000, 10],
])('the schedule looks at %d licenses every %d minutes', (quota, minutes) => {
  expect(pauseOf({ quota })).toBe(minutes * minute);
});

it('the schedule looks at a product if anybody set an alert', () => {
  expect(isWatched(noAlerts)).toBe(false);
  expect(isWatched({ ...noAlerts, usePercent: 90 })).toBe(true);
  expect(isWatched({ ...noAlerts, waitMinutes: 10 })).toBe(true);
});

it('each kind of alert has its own figures, and a test has none', () => {
  const [use, wait] = [9, 10].map((used) => ({ at: used, used, quota: 10, waitedMinutes: 0 }));
  const alert = { state: { use, wait }, test: { at: 1 } };
  expect((['use', 'wait', 'test'] as const).map((kind) => raisedAlert(alert, kind))).toEqual([use, wait, { at: 1 }]);
  expect((['use', 'wait', 'test'] as const).map((kind) => raisedAlert({}, kind))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
