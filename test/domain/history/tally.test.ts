import { describe, expect, it } from 'vitest';
import { isReported, Pace } from '../../../shared/domain/history/tally.ts';

const minute = 60_000;

describe('a count', () => {
  it('gets an event at 1, and whenever it gains a digit', () => {
    const told: number[] = [];
    for (let count = 1; count <= 12_000; count++) if (isReported(count - 1, count)) told.push(count);
    expect(told).toEqual([1, 10, 100, 1000, 10_000]);
    expect(isReported(7, 150)).toBe(true);
    expect(isReported(11, 99)).toBe(false);
  });
});

describe('the pace of an instance', () => {
  it('writes each name once a minute, and loses no count', () => {
    const pace = new Pace();
    const written = [];
    for (let at = 0; at < 3 * minute; at += 100) written.push(pace.add('key', at));
    written.push(pace.add('key', 3 * minute));
    expect(written.filter((count) => count > 0)).toHaveLength(4);
    expect(written.reduce((sum, count) => sum + count, 0)).toBe(written.length);
  });
  it('keeps the counts of at most 1,000 other names in memory, and goes on counting these', () => {
    const pace = new Pace(1);
    pace.add('first', 0);
    for (let round = 0; round < 2; round++) for (let index = 0; index < 1001; index++) pace.add(`key${index}`, 0);
    expect(pace.add('key1000', minute)).toBe(1);
    expect(pace.add('key999', 2 * minute)).toBe(3);
  });
  it('writes a bounded number of names a minute, whatever names a caller invents', () => {
    const pace = new Pace(60);
    const writes = (from: number) =>
      Array.from({ length: 5000 }, (_, index) => pace.add(`key${index}`, from)).filter((count) => count > 0).length;
    expect(writes(0)).toBe(60);
    expect(writes(1)).toBe(0);
    expect(writes(minute)).toBe(60);
  });
});
