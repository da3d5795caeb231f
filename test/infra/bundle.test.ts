import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { bundle, largestBundle } from '../../infra/bundle.ts';
import { functionsOf } from '../../infra/functions.ts';
import { operations } from '../../shared/contracts/operations.ts';

const files = functionsOf(operations).map(({ file }) => file);
const root = mkdtempSync(join(tmpdir(), 'leasehold-bundle-'));
const temporary = () => mkdtempSync(join(root, 'test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const environment = {
  AWS_REGION: 'eu-central-1',
  TABLE_NAME: 'leasehold',
  OIDC_ISSUER: 'https://issuer.example.com',
  OIDC_AUDIENCE: 'leasehold',
};

describe('bundles', () => {
  it('of all functions have at most 500 KB each, and load', { timeout: 60_000 }, async () => {
    const to = join(temporary(), 'functions');
    const sizes = await bundle({ files, to });

    expect([...sizes.keys()].sort()).toEqual([...files].sort());
    expect(largestBundle).toBe(500_000);
    for (const file of files) {
      const size = statSync(join(to, file, 'index.mjs')).size;
      expect(size, file).toBe(sizes.get(file));
      expect(size, file).toBeLessThanOrEqual(largestBundle);
      if (file !== 'docs') expect(readdirSync(join(to, file))).toEqual(['index.mjs']);
    }
    expect(readdirSync(join(to, 'docs', 'swagger-ui'))).toContain('swagger-ui-bundle.js');

    // As Lambda would: import each and find its handler.
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    for (const file of files) {
      const loaded = await import(join(to, file, 'index.mjs'));
      expect(typeof loaded.handler, file).toBe('function');
    }
  });

  it('may not be larger', async () => {
    const from = temporary();
    writeFileSync(join(from, 'large.ts'), `export const handler = () => ${JSON.stringify('x'.repeat(largestBundle))};`);
    await expect(bundle({ files: ['large'], from, to: join(temporary(), 'functions') })).rejects.toThrow(
      /large \(\d+ bytes\)/,
    );
  });

  it('are modules that Lambda can load, also with CommonJS inside', async () => {
    const from = temporary();
    writeFileSync(join(from, 'legacy.cjs'), 'module.exports = require("node:os").EOL;');
    writeFileSync(join(from, 'old.ts'), 'import eol from "./legacy.cjs"; export const handler = () => eol;');
    const to = join(temporary(), 'functions');
    await bundle({ files: ['old'], from, to });
    const { handler } = await import(join(to, 'old', 'index.mjs'));
    expect(handler()).toBe('\n');
    expect(readFileSync(join(to, 'old', 'index.mjs'), 'utf8')).not.toContain('sourceMappingURL');
  });
});
