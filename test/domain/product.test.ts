import { describe, expect, it } from 'vitest';
import { nearProducts } from '../../shared/domain/product.ts';

const catalogue = ['STUDIO-E', 'RUNTIME', 'TESTOPS', 'KRE'];

describe('the products that a code that nobody sells may mean', () => {
  it.each([
    ['a letter replaced', 'RUNTIMF', ['RUNTIME']],
    ['a letter left out', 'RUNTME', ['RUNTIME']],
    ['a letter too many', 'RUNTTIME', ['RUNTIME']],
    ['two letters swapped', 'RUTNIME', ['RUNTIME']],
    ['a letter at the beginning, and one at the end', 'UNTIM', ['RUNTIME']],
    ['two letters at the end of a code of six', 'TESTXY', []],
    ['two letters of seven', 'TESTXYS', ['TESTOPS']],
    ['two letters of six', 'RUNTXM', ['RUNTIME']],
    ['three letters', 'RUXXXME', []],
    ['one letter too many, and two others', 'XRUNXXME', []],
    ['two letters of a short code', 'KXX', []],
    ['one letter of a short code', 'KXE', ['KRE']],
    ['two letters, in a code of five', 'RXNTM', []],
    ['the beginning alone', 'STUDIO', ['STUDIO-E']],
    ['a name with more to it', 'KRE-FLOATING', ['KRE']],
    ['another word', 'PAYROLL', []],
  ])('%s: %s', (_, code, meant) => {
    expect(nearProducts(code, catalogue)).toEqual(meant);
  });
  it('are at most five, the nearest first', () => {
    const near = ['ABCDXY', 'ABCDEX', 'ABCDXZ', 'ABCDEY', 'ABCDXQ', 'ABCDEZ'];
    expect(nearProducts('ABCDEF', near)).toEqual(['ABCDEX', 'ABCDEY', 'ABCDEZ', 'ABCDXY', 'ABCDXZ']);
  });
});
