import { expect, it } from 'vitest';
import { weakenedOf } from './conditions.ts';

const shown = (condition: string) => weakenedOf(condition).map((weakened) => weakened.shown);

it('takes each part of a condition away', () => {
  expect(shown('fence = :fence')).toEqual(['TRUE']);
  expect(shown('(holder = :holder AND fence = :fence) AND size(ids) < :n')).toEqual([
    '(TRUE AND fence = :fence) AND size(ids) < :n',
    '(holder = :holder AND TRUE) AND size(ids) < :n',
    '(holder = :holder AND fence = :fence) AND TRUE',
  ]);
  expect(shown('live = :live AND (attribute_not_exists(at) OR at <= :now)')).toEqual([
    'TRUE AND (attribute_not_exists(at) OR at <= :now)',
    'live = :live AND (TRUE)',
    'live = :live AND (FALSE OR at <= :now)',
    'live = :live AND (attribute_not_exists(at) OR FALSE)',
  ]);
});

it('sends each value of the condition still', () => {
  expect(weakenedOf('at <= :now OR fence = :fence').map(({ sent }) => sent)).toEqual([
    '((at <= :now OR fence = :fence) OR attribute_not_exists(none))',
    '(at <= :now AND attribute_exists(none)) OR fence = :fence',
    'at <= :now OR (fence = :fence AND attribute_exists(none))',
  ]);
});
