import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const text = await readFile('docs/threat-model.md', 'utf8');
/** The file and name of each cited test. */
const cited = [...text.matchAll(/`(test\/[^`]+)`: “([^”]+)”/g)].map(
  ([, file = '', name = '']) => [file, name] as const,
);

describe('docs/threat-model.md', () => {
  it('cites a test for each threat', () => {
    const [, threats = ''] = text.split('## Threats');
    const rows = (threats.split('\n## ')[0] ?? '')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(1);
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) expect(row).toMatch(/`test\/[^`]+`: “[^”]+” \|$|`test\/[^`]+`: “[^”]+”;/);
    // Each cited test file has the name of a test.
    expect(cited).toHaveLength(text.split('`test/').length - 1);
  });

  it.each(cited)('%s has the test “%s”', async (file, name) => {
    expect(existsSync(file)).toBe(true);
    expect(await readFile(file, 'utf8')).toContain(`'${name}'`);
  });
});
