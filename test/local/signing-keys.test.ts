import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { licenseKeys } from '../../infra/local/data-dir/signing-keys.ts';

const directory = mkdtempSync(join(tmpdir(), 'leasehold-keys-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('keys are generated once, readable by their owner only, and a new key comes first', () => {
  const file = join(directory, 'license-keys.json');
  const first = licenseKeys(file, 1);
  expect(first.keys).toHaveLength(1);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(licenseKeys(file, 1)).toEqual(first);
  const second = licenseKeys(file, 2);
  expect(second.keys.slice(1)).toEqual(first.keys);
  expect(second.keys[0]).not.toEqual(first.keys[0]);
  // A lower number removes no key, as its license files are still in use.
  expect(licenseKeys(file, 1)).toEqual(second);
});
