import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

// Beside the other tests, and not before them: they take 15 s.
it.each(['types', 'lint', 'unused'])('`npm run %s` finds nothing', async (check) => {
  const found = await promisify(exec)(`npm run -s ${check}`).then(
    () => '',
    ({ stdout, stderr, message }) => `${stdout}${stderr}` || message,
  );
  expect(found).toBe('');
});
